// The client of a tunnel: accepts TCP or Unix connections, and gives each a stream of a session with the server.

import { rmSync, statSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { connect, type Session } from 'rxkcp';
import type { Mux } from 'rxkcp/mux';
import { anyPort, type PortRange, portRange, streamAddress } from '../address.ts';
import { sessionOptions } from '../session-options.ts';
import { UsageError } from '../usage-error.ts';
import type { TunnelSettings } from './flags.ts';
import { inWords, type Log } from './log.ts';
import { pipe } from './pipe.ts';
import type { Running } from './running.ts';
import { streamsOver } from './streams.ts';

/** One of `--conn` sessions: made when a stream needs it, and again when it has ended or expired. */
class Slot {
  readonly #dial: () => Promise<Mux>;
  readonly #settings: TunnelSettings;
  #streams: Promise<Mux> | undefined;
  #current: Mux | undefined;
  #expiresAt = Number.POSITIVE_INFINITY;
  readonly #expired = new Set<Mux>();

  constructor(settings: TunnelSettings, dial: () => Promise<Mux>) {
    this.#settings = settings;
    this.#dial = dial;
  }

  get open(): readonly Mux[] {
    return this.#current ? [this.#current, ...this.#expired] : [...this.#expired];
  }

  streams(): Promise<Mux> {
    if (this.#current && Date.now() >= this.#expiresAt) this.#expire(this.#current);
    this.#streams ??= this.#begin();
    return this.#streams;
  }

  async #begin(): Promise<Mux> {
    try {
      const streams = await this.#dial();
      const { autoexpire } = this.#settings;
      this.#current = streams;
      this.#expiresAt = autoexpire > 0 ? Date.now() + 1000 * autoexpire : Number.POSITIVE_INFINITY;
      streams.closed$.subscribe(() => {
        this.#expired.delete(streams);
        if (this.#current === streams) this.#forget();
      });
      return streams;
    } catch (error) {
      this.#forget();
      throw error;
    }
  }

  /** No new streams: it ends with the last of those that it has, or after `--scavengettl`. */
  #expire(streams: Mux): void {
    this.#forget();
    this.#expired.add(streams);
    streams.complete();
    const timer = setTimeout(() => streams.close(), 1000 * this.#settings.scavengettl);
    timer.unref();
    streams.closed$.subscribe(() => clearTimeout(timer));
  }

  #forget(): void {
    this.#current = undefined;
    this.#streams = undefined;
  }
}

/** Opens it; it listens then. @throws UsageError */
export async function openTunnelClient(settings: TunnelSettings, log: Log): Promise<Running> {
  const remote = portRange('--remoteaddr', settings.remoteaddr);
  const local = streamAddress('--localaddr', settings.localaddr);
  const options = sessionOptions(settings);
  const dial = (): Promise<Mux> => openSession(remote, settings, options, log);
  const slots = Array.from({ length: settings.conn }, () => new Slot(settings, dial));
  const sockets = new Set<Socket>();
  let turn = 0;
  const server = createServer({ allowHalfOpen: true, pauseOnConnect: true }, async (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket)).on('error', () => {});
    const from =
      socket.remoteAddress === undefined ? settings.localaddr : `${socket.remoteAddress}:${socket.remotePort}`;
    try {
      const streams = await slots[turn++ % slots.length]!.streams();
      const stream = streams.open();
      log.detail(`stream opened in: ${from} out: ${settings.remoteaddr}(${stream.id})`);
      socket.resume();
      await pipe(socket, stream, settings.closewait);
      log.detail(`stream closed in: ${from} out: ${settings.remoteaddr}(${stream.id})`);
    } catch (error) {
      log.say(`no stream for ${from}: ${inWords(error)}`);
      socket.destroy();
    }
  });
  await listenOn(server, local);
  log.say(`tunnel client: ${settings.localaddr} to ${settings.remoteaddr}, ${settings.crypt}, mode ${settings.mode}`);
  return {
    streams: () => sockets.size,
    drain: () => server.close(),
    close: () => {
      for (const socket of sockets) socket.destroy();
      for (const slot of slots) for (const streams of slot.open) streams.close();
      server.close();
    },
  };
}

/** Opens a session with smux on it: on a port of the range, a new one each time. */
function openSession(
  remote: PortRange,
  settings: TunnelSettings,
  options: ReturnType<typeof sessionOptions>,
  log: Log,
): Promise<Mux> {
  const { dscp, sockbuf } = settings;
  const port = anyPort(remote);
  const sockets = { dscp, recvBufferSize: sockbuf, sendBufferSize: sockbuf };
  return new Promise((resolve, reject) => {
    connect({ ...options, ...sockets, host: remote.host || '127.0.0.1', port }).subscribe({
      next: (session: Session) => {
        session.closed$.subscribe(({ reason, error }) =>
          log.say(`session with port ${port} ended: ${error === undefined ? reason : inWords(error)}`),
        );
        resolve(streamsOver(session, 'client', settings));
      },
      error: reject,
    });
  });
}

async function listenOn(server: Server, address: ReturnType<typeof streamAddress>): Promise<void> {
  // What a client that was killed has left behind.
  if ('path' in address && statSync(address.path, { throwIfNoEntry: false })?.isSocket()) rmSync(address.path);
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(new UsageError(`--localaddr: ${error.message}`)));
    if ('path' in address) server.listen(address.path, resolve);
    else server.listen(address.port, address.host || undefined, resolve);
  });
}
