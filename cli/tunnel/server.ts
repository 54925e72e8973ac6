// The server of a tunnel: connects each stream of each session to the target.

import { connect as connectSocket, type Socket } from 'node:net';
import { Subscription } from 'rxjs';
import { listen, type Session } from 'rxkcp';
import type { Mux, MuxStream } from 'rxkcp/mux';
import { portRange, streamAddress } from '../address.ts';
import { sessionOptions } from '../session-options.ts';
import { UsageError } from '../usage-error.ts';
import type { TunnelSettings } from './flags.ts';
import { inWords, type Log } from './log.ts';
import { pipe } from './pipe.ts';
import type { Running } from './running.ts';
import { acceptSocks } from './socks.ts';
import { streamsOver } from './streams.ts';

/** `--target` that makes the server a SOCKS5 proxy. */
const SOCKS = 'socks5';
/** ms to reach a target. */
const TARGET_TIMEOUT = 5000;

/** Opens it; it listens then. @throws UsageError */
export async function openTunnelServer(settings: TunnelSettings, log: Log): Promise<Running> {
  const { dscp, sockbuf } = settings;
  const { host, first, last } = portRange('--listen', settings.listen);
  const target = settings.target === SOCKS ? undefined : streamAddress('--target', settings.target);
  const options = sessionOptions(settings);
  const live = new Set<Mux>();
  const sockets = new Set<Socket>();

  const reach = async (stream: MuxStream): Promise<Socket> => {
    if (target === undefined) return acceptSocks(stream, TARGET_TIMEOUT);
    return reached(connectSocket({ ...target, allowHalfOpen: true }));
  };
  const serveStream = async (stream: MuxStream, from: string): Promise<void> => {
    try {
      const socket = await reach(stream);
      sockets.add(socket);
      socket.on('close', () => sockets.delete(socket));
      log.detail(`stream opened in: ${from}(${stream.id}) out: ${settings.target}`);
      await pipe(socket, stream, settings.closewait);
      log.detail(`stream closed in: ${from}(${stream.id}) out: ${settings.target}`);
    } catch (error) {
      log.say(`${settings.target} for ${from}(${stream.id}): ${inWords(error)}`);
      stream.close();
    }
  };
  const serveSession = (session: Session): void => {
    const from = `${session.remote?.address}:${session.remote?.port}`;
    log.say(`session from ${from}`);
    const streams = streamsOver(session, 'server', settings);
    live.add(streams);
    streams.streams$.subscribe((stream) => void serveStream(stream, from));
    streams.closed$.subscribe(({ reason, error }) => {
      live.delete(streams);
      log.say(`session from ${from} ended: ${error === undefined ? reason : inWords(error)}`);
    });
  };

  const common = { ...options, dscp, recvBufferSize: sockbuf, sendBufferSize: sockbuf, host: host || '::' };
  const listening = new Subscription();
  for (let port = first; port <= last; port++) {
    await new Promise<void>((resolve, reject) => {
      const failed = (error: unknown): void => reject(new UsageError(`--listen: ${inWords(error)}`));
      listening.add(
        listen({ ...common, port, onListening: () => resolve() }).subscribe({ next: serveSession, error: failed }),
      );
    });
  }
  log.say(`tunnel server: ${settings.listen} to ${settings.target}, ${settings.crypt}, mode ${settings.mode}`);
  return {
    streams: () => sockets.size,
    drain: () => {
      for (const streams of live) streams.complete();
    },
    close: () => {
      for (const streams of live) streams.close();
      for (const socket of sockets) socket.destroy();
      listening.unsubscribe();
    },
  };
}

/** The socket once it is connected. Rejects if it fails before, or takes too long. */
export function reached(socket: Socket): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const failed = (error: Error): void => {
      socket.destroy();
      reject(error);
    };
    const late = (): void => failed(new Error(`not reached within ${TARGET_TIMEOUT / 1000} s`));
    socket.setTimeout(TARGET_TIMEOUT, late);
    socket.once('error', failed);
    socket.once('connect', () => {
      socket.setTimeout(0);
      socket.off('error', failed);
      socket.on('error', () => {});
      resolve(socket);
    });
  });
}
