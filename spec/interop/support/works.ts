// What an end of ours does in a session: the works of the kcp-go peer (../peers/go/README.md), with the same control
// bytes and the same account of what was moved.

import { createHash } from 'node:crypto';
import { firstValueFrom, lastValueFrom, type Observable, scan, takeWhile, tap } from 'rxjs';
import type { Session } from 'rxkcp';
import type { Moved } from './go-peer.ts';
import { Pattern } from './pattern.ts';

/** What a client does; the server does what `partnerOf` says. */
export type Work = 'echo' | 'source' | 'sink';

export const partnerOf = { echo: 'echo', source: 'sink', sink: 'source' } as const;

/** First byte of a client that only receives: KCP has no handshake. */
const OPEN = Uint8Array.of(0x05);
/** A sink has received everything. */
const DONE = Uint8Array.of(0x06);

const WRITE = 64 * 1024;

export interface Load {
  /** Bytes to move, in each direction that the work has. */
  readonly bytes: number;
  readonly seed: number;
}

/** A client's part. */
export async function workAsClient(session: Session, work: Work, load: Load): Promise<Moved> {
  if (work === 'echo') return echo(session, load);
  if (work === 'source') return source(session, load);
  session.next(OPEN);
  return sink(session, load);
}

/** A server's part. */
export async function workAsServer(session: Session, work: Work, load: Load): Promise<Moved> {
  if (work === 'echo') return echoBack(session, load);
  if (work === 'sink') return sink(session, load);
  await expectByte(session, OPEN);
  return source(session, load);
}

async function echo(session: Session, { bytes, seed }: Load): Promise<Moved> {
  const account = new Account();
  await Promise.all([receive(session, bytes, account), send(session, bytes, seed, account)]);
  return account.close();
}

async function echoBack(session: Session, { bytes }: Load): Promise<Moved> {
  const account = new Account();
  const copied = tap((message: Uint8Array) => {
    account.received(message);
    session.next(message);
    account.sent(message);
  });
  await untilReceived(bytes, session.pipe(copied));
  return account.close();
}

async function source(session: Session, { bytes, seed }: Load): Promise<Moved> {
  const account = new Account();
  await send(session, bytes, seed, account);
  await expectByte(session, DONE);
  return account.close();
}

async function sink(session: Session, { bytes }: Load): Promise<Moved> {
  const account = new Account();
  await receive(session, bytes, account);
  const moved = account.close();
  session.next(DONE);
  return moved;
}

async function send(session: Session, bytes: number, seed: number, account: Account): Promise<void> {
  const pattern = new Pattern(seed);
  for (let left = bytes; left > 0; left -= WRITE) {
    const piece = pattern.take(Math.min(left, WRITE));
    account.sent(piece);
    await session.send(piece);
  }
}

function receive(session: Session, bytes: number, account: Account): Promise<void> {
  return untilReceived(bytes, session.pipe(tap((message) => account.received(message))));
}

async function expectByte(session: Session, expected: Uint8Array): Promise<void> {
  const [byte] = await firstValueFrom(session);
  if (byte !== expected[0]) throw new Error(`received control byte ${byte} instead of ${expected[0]}`);
}

async function untilReceived(bytes: number, messages: Observable<Uint8Array>): Promise<void> {
  const counts = messages.pipe(
    scan((count, message) => count + message.length, 0),
    takeWhile((count) => count < bytes, true),
  );
  const received = await lastValueFrom(counts);
  if (received !== bytes) throw new Error(`received ${received} bytes instead of ${bytes}`);
}

/** Counts and hashes what goes either way. Its time starts with the first of it. */
class Account {
  readonly #out = new Direction();
  readonly #in = new Direction();
  #began: number | undefined = undefined;

  sent(bytes: Uint8Array): void {
    this.#began ??= performance.now();
    this.#out.add(bytes);
  }

  received(bytes: Uint8Array): void {
    this.#began ??= performance.now();
    this.#in.add(bytes);
  }

  close(): Moved {
    return {
      bytesSent: this.#out.bytes,
      bytesReceived: this.#in.bytes,
      sentSha256: this.#out.sha256(),
      receivedSha256: this.#in.sha256(),
      seconds: (performance.now() - (this.#began ?? performance.now())) / 1000,
    };
  }
}

class Direction {
  bytes = 0;
  readonly #hash = createHash('sha256');

  add(bytes: Uint8Array): void {
    this.bytes += bytes.length;
    this.#hash.update(bytes);
  }

  sha256(): string {
    return this.bytes === 0 ? '' : this.#hash.digest('hex');
  }
}
