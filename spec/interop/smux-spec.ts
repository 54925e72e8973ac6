// smux v1.5.58 over kcp-go at the other end, in both roles and both versions. Each end opens streams, half-closes them, and expects the
// SHA-256 of what it wrote.

import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { filter, firstValueFrom, ReplaySubject } from 'rxjs';
import { connect, listen, type Session, type SessionOptions } from 'rxkcp';
import { type Mux, type MuxStream, type MuxVersion, mux } from 'rxkcp/mux';
import { expect, test } from 'vitest';
import { openRelay } from '../../examples/relay.ts';
import type { Cleanup } from './support/cleanup.ts';
import { goProgram, kcpGo } from './support/go-build.ts';
import { describeWith } from './support/peer-presence.ts';

interface Line {
  readonly event: string;
  readonly port: number;
  readonly asked: number;
  readonly answered: number;
  readonly message: string;
}

/** A running `cmd/smux`. */
class SmuxPeer {
  readonly #child: ChildProcessByStdio<Writable, Readable, null>;
  readonly #lines = new ReplaySubject<Line>();

  constructor(flags: readonly string[], cleanup: Cleanup) {
    this.#child = spawn(goProgram('smux'), flags, { stdio: ['pipe', 'pipe', 'inherit'] });
    createInterface(this.#child.stdout).on('line', (text) => {
      const line = JSON.parse(text) as Line;
      if (line.event === 'error' || line.event === 'failed') this.#lines.error(new Error(line.message));
      else this.#lines.next(line);
    });
    cleanup(() => this.kill());
  }

  event(name: string): Promise<Line> {
    return firstValueFrom(this.#lines.pipe(filter(({ event }) => event === name)));
  }

  async kill(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    this.#child.kill('SIGKILL');
    await once(this.#child, 'exit');
  }
}

const WINDOW = 1024;
const SESSION: SessionOptions = { mode: 'fast3', stream: true, sendWindow: WINDOW, receiveWindow: WINDOW };
const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** Answers a stream of the peer's: the hash of all that it has sent, once it has half-closed. */
async function answer(stream: MuxStream): Promise<void> {
  const hash = createHash('sha256');
  for await (const chunk of stream) hash.update(chunk);
  await stream.send(Buffer.from(hash.digest('hex')));
  await stream.finish();
}

async function ask(streams: Mux, bytes: number): Promise<void> {
  const stream = streams.open();
  const sent = randomBytes(bytes);
  const answered = (async () => {
    const chunks: Uint8Array[] = [];
    for await (const chunk of stream) chunks.push(chunk);
    return Buffer.concat(chunks).toString();
  })();
  for (let at = 0; at < bytes; at += 65_536) await stream.send(sent.subarray(at, at + 65_536));
  await stream.finish();
  expect(await answered).toBe(sha256(sent));
}

interface Case {
  readonly role: 'client' | 'server';
  readonly version: MuxVersion;
  readonly loss: number;
  readonly streams: number;
  /** Bytes of each stream. */
  readonly bytes: number;
}

/** Both ends of a smux session, ours in `role`, and the peer. */
async function meet(
  { role, version, loss, streams, bytes }: Case,
  cleanup: Cleanup,
): Promise<{ ours: Mux; peer: SmuxPeer; session: Session }> {
  const flags = ['-version', `${version}`, '-streams', `${streams}`, '-bytes', `${bytes}`, '-window', `${WINDOW}`];
  const through = async (port: number): Promise<number> => {
    if (loss === 0) return port;
    const relay = await openRelay({ target: { address: '127.0.0.1', port }, loss, seed: 11 });
    cleanup(() => relay.close());
    return relay.port;
  };
  // A smux session of ours begins to serve as soon as it is there: the peer opens its streams at once.
  const begin = (session: Session): Mux => {
    const ours = mux(session, { role, version, allowHalfOpen: true });
    ours.streams$.subscribe((stream) => answer(stream).catch(() => {}));
    return ours;
  };
  if (role === 'client') {
    const peer = new SmuxPeer(['-role', 'server', ...flags], cleanup);
    const { port } = await peer.event('listening');
    const connecting = connect({ ...SESSION, port: await through(port) });
    const begun = new Promise<{ ours: Mux; session: Session }>((resolve, reject) => {
      const subscription = connecting.subscribe({
        next: (session) => resolve({ ours: begin(session), session }),
        error: reject,
      });
      cleanup(() => subscription.unsubscribe());
    });
    return { ...(await begun), peer };
  }
  let begun!: (value: { ours: Mux; session: Session }) => void;
  const begin$ = new Promise<{ ours: Mux; session: Session }>((resolve) => (begun = resolve));
  const port = await new Promise<number>((resolve, reject) => {
    const subscription = listen({
      ...SESSION,
      host: '127.0.0.1',
      port: 0,
      onListening: (local) => resolve(local.port),
    }).subscribe({
      next: (session) => begun({ ours: begin(session), session }),
      error: reject,
    });
    cleanup(() => subscription.unsubscribe());
  });
  const peer = new SmuxPeer(['-role', 'client', '-addr', `127.0.0.1:${await through(port)}`, ...flags], cleanup);
  return { ...(await begin$), peer };
}

const MiB = 1 << 20;
const STREAMS = 100;

describeWith(kcpGo, 'smux v1.5.58 over kcp-go', () => {
  for (const version of [1, 2] as const) {
    for (const role of ['client', 'server'] as const) {
      // 64 MiB over all streams of both ends and all four of these.
      test(`our ${role}, version ${version}: 100 streams each way, half-closed, at 10 % loss`, async ({
        onTestFinished,
      }) => {
        const bytes = Math.floor((16 * MiB) / (2 * STREAMS));
        const { ours, peer } = await meet({ role, version, loss: 0.1, streams: STREAMS, bytes }, onTestFinished);
        await Promise.all(Array.from({ length: STREAMS }, () => ask(ours, bytes)));
        expect((await peer.event('done')).asked).toBe(STREAMS);
        ours.close();
      });

      test(`our ${role}, version ${version}: a peer that is killed ends all streams, with an error`, async ({
        onTestFinished,
      }) => {
        const { ours, peer, session } = await meet(
          { role, version, loss: 0, streams: 5, bytes: 50_000 },
          onTestFinished,
        );
        await ask(ours, 1000);
        session.configure({ deadAfter: 1500 });
        await peer.kill();
        const stream = ours.open();
        await expect(stream.send(new Uint8Array(64)).then(() => firstValueFrom(stream.closed$))).resolves.toMatchObject(
          {
            reason: 'failed',
          },
        );
        expect((await firstValueFrom(ours.closed$)).reason).toBe('failed');
      });
    }
  }

  test('version 2: streams of a peer that are not read hold up none of the others', async ({ onTestFinished }) => {
    const { ours, peer } = await meet({ role: 'client', version: 2, loss: 0, streams: 3, bytes: MiB }, onTestFinished);
    const unread = ours.open();
    const more = Array.from({ length: 3 }, () => ask(ours, MiB));
    await Promise.all([peer.event('done'), ...more]);
    unread.close();
    ours.close();
  });
});
