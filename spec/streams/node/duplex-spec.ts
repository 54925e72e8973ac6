import { once } from 'node:events';
import { type Duplex, Writable } from 'node:stream';
import { buffer, text as textOf } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { firstValueFrom, Subject, takeUntil } from 'rxjs';
import {
  type ArqOptions,
  type Burst,
  InvalidMessageError,
  MessageTooLargeError,
  memoryPair,
  OptionError,
  type Session,
  SessionClosedError,
} from 'rxkcp';
import { toDuplex } from 'rxkcp/node';
import { describe, expect, test } from 'vitest';
import { text, words } from '../../support/marbles.ts';
import { bytes, seeded } from '../../support/random.ts';
import { open, pair } from '../../support/sessions.ts';

interface Ends {
  readonly a: Session;
  readonly b: Session;
  readonly near: Duplex;
  readonly far: Duplex;
}

function duplexes(options: ArqOptions = {}, messages = false): Ends {
  const [a, b] = pair(options);
  return { a, b, near: toDuplex(a, { messages }), far: toDuplex(b, { messages }) };
}

/** A session, the stream of its peer, and what ends the peer's link. */
function telephone(): { a: Session; far: Duplex; hangUp: () => void } {
  const [left, right] = memoryPair();
  const end = new Subject<void>();
  const b = open({ ...right, incoming: right.incoming.pipe(takeUntil(end)) });
  return { a: open(left), far: toDuplex(b), hangUp: () => end.next() };
}

/** Collects what is read, and how it ends. */
function log(duplex: Duplex): string[] {
  const seen: string[] = [];
  duplex.on('data', (chunk) => seen.push(words(chunk)));
  for (const event of ['end', 'finish', 'close']) duplex.on(event, () => seen.push(event));
  duplex.on('error', (error) => seen.push(error.message));
  return seen;
}

/** Until nothing that is under way has anything left to do at once. */
const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 50));

describe('a session as a Duplex', () => {
  test.each([
    ['messages', {}],
    ['a stream', { stream: true }],
    ['small packets and windows', { mtu: 100, sendWindow: 4, receiveWindow: 4 }],
  ])('carries bytes both ways, over a session of %s', async (_, options) => {
    const { near, far } = duplexes(options);
    const sent = Buffer.from(bytes(seeded(1), 300_000));
    far.pipe(far);
    const received: Buffer[] = [];
    let length = 0;
    near.write(sent.subarray(0, 1));
    near.write(sent.subarray(1, 200_000));
    near.write(sent.subarray(200_000));
    for await (const chunk of near as AsyncIterable<Buffer>) {
      received.push(chunk);
      length += chunk.length;
      if (length === sent.length) break;
    }
    expect(Buffer.concat(received).equals(sent)).toBe(true);
    far.destroy();
  });

  test('joins what is written while it waits, so that many small writes share few messages', async () => {
    const [a, b] = pair({ sendWindow: 1 });
    const near = toDuplex(a);
    const messages: string[] = [];
    b.subscribe((message) => messages.push(words(message)));
    for (const word of ['a', 'b', 'c', 'd', 'e']) near.write(word);
    near.end();
    await once(near, 'finish');
    expect(messages).toEqual(['a', 'bcde']);
    await once(near.resume(), 'close');
    expect([a.closed, b.closed]).toEqual([true, true]);
  });

  test('with messages, keeps their borders, and fails on one that is none', async () => {
    const { near, far } = duplexes({}, true);
    const seen: string[] = [];
    far.on('data', (chunk) => seen.push(words(chunk)));
    near.on('error', () => {});
    for (const word of ['one', 'two', 'three']) near.write(text(word));
    await settled();
    expect(seen).toEqual(['one', 'two', 'three']);
    near.write('not bytes');
    await expect(once(near, 'close')).rejects.toThrow(InvalidMessageError);
  });

  test('with messages, fails on one that is too large; a stream of bytes cuts it', async () => {
    const large = new Uint8Array(7000);
    const ends = duplexes({ mtu: 50 }, true);
    ends.near.write(large);
    await expect(once(ends.near, 'close')).rejects.toThrow(MessageTooLargeError);
    const { near, far } = duplexes({ mtu: 50 });
    near.end(large);
    far.resume();
    await once(near, 'finish');
  });

  test('does not begin to read before it is read from', async () => {
    const { a, b, far } = duplexes();
    a.next(text('early'));
    await settled();
    expect(b.stats().unread).toBe(1);
    expect(words((await once(far, 'data'))[0])).toBe('early');
    expect(b.stats().unread).toBe(0);
  });

  test('stops its peer when nobody reads, and keeps no more than windows and high-water marks', async () => {
    const { a, b, near, far } = duplexes();
    let written = 0;
    const piece = new Uint8Array(10_000);
    // Reads a first piece, and then nothing.
    far.once('readable', () => far.read(1));
    for (let stalled = 0; stalled < 3; ) {
      if (near.write(piece)) {
        written += piece.length;
        stalled = 0;
      } else {
        await Promise.race([once(near, 'drain'), settled()]);
        stalled = near.writableNeedDrain ? stalled + 1 : 0;
      }
    }
    const windows = 2 * 128 * 1376;
    expect(far.readableLength).toBeLessThanOrEqual(far.readableHighWaterMark + 16 * 1024);
    expect(written).toBeLessThan(windows + near.writableHighWaterMark + far.readableHighWaterMark + 2 * 16 * 1024);
    expect(b.stats().unread).toBeGreaterThan(100);
    // And goes on where it was.
    far.resume();
    await once(near, 'drain');
    near.end();
    await once(near, 'finish');
    expect(a.stats().bytesSent).toBe(b.stats().bytesReceived);
  });
});

describe('the end of a Duplex', () => {
  test('by end(): finish comes when the peer has everything, which ends its stream, and then itself; both end well', async () => {
    const { a, b, near, far } = duplexes();
    const seen = log(near);
    const heard = log(far);
    near.end('last words');
    await once(near, 'close');
    expect(seen).toEqual(['finish', 'end', 'close']);
    await expect(firstValueFrom(a.closed$)).resolves.toEqual({ reason: 'completed' });
    await expect(firstValueFrom(b.closed$)).resolves.toEqual({ reason: 'completed' });
    await settled();
    expect(heard).toEqual(['last words', 'end', 'finish', 'close']);
  });

  test('by end() of one direction: the other goes on as long as it likes (allowHalfOpen)', async () => {
    const [a, b] = pair();
    const near = toDuplex(a);
    const far = toDuplex(b, { allowHalfOpen: true });
    const seen = log(near);
    const heard = log(far);
    near.end('a question');
    await once(far, 'end');
    expect(heard).toEqual(['a question', 'end']);
    for (const word of ['an', 'answer']) {
      far.write(word);
      await settled();
    }
    expect(seen).toEqual(['finish', 'an', 'answer']);
    far.end();
    await once(near, 'close');
    expect(seen).toEqual(['finish', 'an', 'answer', 'end', 'close']);
  });

  test('by destroy() of one that waits for the other direction: the session is completed', async () => {
    const [a, b] = pair({ allowHalfOpen: true });
    const near = toDuplex(a);
    b.subscribe(() => {});
    near.end('x');
    await once(near, 'finish');
    expect(a.closed).toBe(false);
    near.destroy();
    await expect(firstValueFrom(a.closed$)).resolves.toEqual({ reason: 'completed' });
    await expect(firstValueFrom(b.closed$)).resolves.toEqual({ reason: 'peer' });
  });

  test('of a file that is received: pipeline finishes', async () => {
    const { near, far } = duplexes();
    const chunks: Buffer[] = [];
    const file = new Writable({
      write: (chunk, _encoding, done) => {
        chunks.push(chunk);
        done();
      },
    });
    const received = pipeline(far, file);
    near.end(Buffer.alloc(200_000, 7));
    await received;
    expect(Buffer.concat(chunks).length).toBe(200_000);
  });

  test('by end(): goes on reading until everything is acknowledged', async () => {
    const { b, near } = duplexes();
    const seen = log(near);
    // Nobody reads at the other end, so nothing of the second window is acknowledged.
    near.end(new Uint8Array(2 * 128 * 1376));
    await settled();
    b.next(text('still here'));
    await settled();
    expect(seen).toEqual(['still here']);
    near.destroy();
    b.close();
  });

  test('by the session: reading ends after what had come before, and the stream is closed', async () => {
    const { a, far, hangUp } = telephone();
    for (const word of ['1', '2']) a.next(text(word));
    hangUp();
    const seen = log(far);
    await once(far, 'close');
    expect(seen).toEqual(['1', '2', 'end', 'finish', 'close']);
  });

  test('by a failure of the session: after what had come before, however late that is read', async () => {
    const { a, b, far } = duplexes();
    for (const word of ['1', '2']) a.next(text(word));
    // Both are in the stream's own buffer then.
    far.read(0);
    b.error(new Error('cable cut'));
    await settled();
    expect(far.destroyed).toBe(false);
    const seen: string[] = [];
    await expect(
      (async () => {
        for await (const chunk of far) seen.push(words(chunk));
      })(),
    ).rejects.toThrow('cable cut');
    expect(seen.join('')).toBe('12');
  });

  test('by a failure with nothing left to read: at once', async () => {
    const { b, far } = duplexes();
    b.error(new Error('cable cut'));
    await expect(once(far, 'close')).rejects.toThrow('cable cut');
  });

  test('by a failure while a write waits: at once, with what the session failed with', async () => {
    const [left] = memoryPair();
    const lonely = open(left, { sendWindow: 1 });
    const stream = toDuplex(lonely);
    const written = new Promise((resolve) => stream.write(new Uint8Array(100_000), resolve));
    await settled();
    lonely.error(new Error('cable cut'));
    await expect(once(stream, 'close')).rejects.toThrow('cable cut');
    await expect(written).resolves.toMatchObject({ message: 'cable cut' });
  });

  test('by destroy(): the session is closed at once; with an error, it fails with it', async () => {
    const first = duplexes();
    first.near.destroy();
    await expect(firstValueFrom(first.a.closed$)).resolves.toEqual({ reason: 'closed' });
    const second = duplexes();
    const error = new Error('no more');
    second.near.on('error', () => {}).destroy(error);
    await expect(firstValueFrom(second.a.closed$)).resolves.toEqual({ reason: 'failed', error });
  });

  test('by destroy() after end(): what was handed over still arrives', async () => {
    const [left, right] = memoryPair();
    let lost = false;
    // The first packet does not arrive.
    const next = (burst: Burst): void => {
      if (lost) left.outgoing.next(burst);
      lost = true;
    };
    const [a, b] = [open({ ...left, outgoing: { next } }), open(right)];
    const messages: string[] = [];
    b.subscribe((message) => messages.push(words(message)));
    const near = toDuplex(a).end('goodbye');
    setImmediate(() => near.destroy());
    await expect(firstValueFrom(a.closed$)).resolves.toEqual({ reason: 'completed' });
    expect(messages).toEqual(['goodbye']);
  });

  test('by close() of the session while end() waits: finish does not come', async () => {
    const lonely = open(memoryPair()[0]);
    const stream = toDuplex(lonely);
    const seen = log(stream);
    stream.end('never acknowledged');
    await settled();
    lonely.close();
    await settled();
    expect(seen).toEqual(['conversation 1 is closed for sending', 'close']);
  });
});

test('a write after the session is closed fails with SessionClosedError', async () => {
  const { a, near } = duplexes();
  a.complete();
  near.write('too late');
  await expect(once(near, 'close')).rejects.toThrow(SessionClosedError);
});

test('consumers of Node read it to its end', async () => {
  const { a, far, hangUp } = telephone();
  a.next(text('some '));
  a.next(text('text'));
  hangUp();
  await expect(textOf(far)).resolves.toBe('some text');
  const closed = duplexes();
  closed.b.close();
  await expect(buffer(closed.far)).resolves.toHaveLength(0);
});

test('toDuplex throws OptionError at once', () => {
  const [a] = pair();
  expect(() => toDuplex(a, { messages: 1 as never })).toThrow(OptionError);
});
