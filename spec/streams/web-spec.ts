import { firstValueFrom } from 'rxjs';
import {
  type ArqOptions,
  InvalidMessageError,
  MessageTooLargeError,
  memoryPair,
  OptionError,
  type Session,
  SessionClosedError,
} from 'rxkcp';
import { toWebStreams, type WebStreams } from 'rxkcp/streams';
import { describe, expect, test } from 'vitest';
import { text, words } from '../support/marbles.ts';
import { bytes, seeded } from '../support/random.ts';
import { open, pair } from '../support/sessions.ts';

interface Ends {
  readonly a: Session;
  readonly b: Session;
  readonly near: WebStreams;
  readonly far: WebStreams;
}

function streams(options: ArqOptions = {}, messages = false): Ends {
  const [a, b] = pair(options);
  return { a, b, near: toWebStreams(a, { messages }), far: toWebStreams(b, { messages }) };
}

const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 50));

describe('a session as web streams', () => {
  test.each([
    ['messages', {}],
    ['a stream', { stream: true }],
    ['small packets and windows', { mtu: 100, sendWindow: 4, receiveWindow: 4 }],
  ])('carries bytes both ways, over a session of %s', async (_, options) => {
    const { near, far, a, b } = streams(options);
    const sent = Buffer.from(bytes(seeded(1), 300_000));
    const echoing = far.readable.pipeTo(far.writable).catch((error) => error);
    const writing = new Blob([sent]).stream().pipeTo(near.writable, { preventClose: true });
    const received: Uint8Array[] = [];
    let length = 0;
    const reader = near.readable.getReader();
    while (length < sent.length) {
      const { value = new Uint8Array(0) } = await reader.read();
      received.push(value);
      length += value.length;
    }
    await writing;
    expect(Buffer.concat(received).equals(sent)).toBe(true);
    a.close();
    b.close();
    await expect(echoing).resolves.toBeInstanceOf(SessionClosedError);
  });

  test('reads only what is asked for: the rest stays in the window', async () => {
    const { a, b, far } = streams();
    for (const word of ['1', '2', '3']) a.next(text(word));
    await settled();
    expect(b.stats().unread).toBe(3);
    const reader = far.readable.getReader();
    for (const [word, unread] of [
      ['1', 2],
      ['2', 1],
      ['3', 0],
    ] as const) {
      expect(words((await reader.read()).value as Uint8Array)).toBe(word);
      expect(b.stats().unread).toBe(unread);
    }
  });

  test('resolves a write when the send window has taken it, and not before', async () => {
    const { near, far } = streams({ sendWindow: 4, receiveWindow: 4 });
    const writer = near.writable.getWriter();
    let taken = 0;
    for (let i = 0; i < 50; i++) writer.write(new Uint8Array(1000)).then(() => taken++);
    await settled();
    expect(taken).toBeGreaterThan(3);
    expect(taken).toBeLessThan(10);
    await far.readable
      .pipeTo(new WritableStream({ write: () => {} }), { signal: AbortSignal.timeout(500) })
      .catch(() => {});
    expect(taken).toBe(50);
  });

  test('with messages, keeps their borders, and fails on one that is none or too large', async () => {
    const { near, far } = streams({ mtu: 50 }, true);
    const writer = near.writable.getWriter();
    const reader = far.readable.getReader();
    for (const word of ['one', 'two']) await writer.write(text(word));
    expect(words((await reader.read()).value as Uint8Array)).toBe('one');
    expect(words((await reader.read()).value as Uint8Array)).toBe('two');
    await expect(writer.write(new Uint8Array(7000))).rejects.toThrow(MessageTooLargeError);
    const empty = streams({}, true).near.writable.getWriter();
    await expect(empty.write(new Uint8Array(0))).rejects.toThrow(InvalidMessageError);
    const byteWriter = streams({ mtu: 50 }).near.writable.getWriter();
    await expect(byteWriter.write(new Uint8Array(0))).resolves.toBeUndefined();
  });
});

describe('the end of web streams', () => {
  test('by close(): resolves when the peer has everything, and the peer reads its end; both end when it has finished, too', async () => {
    const { a, b, near, far } = streams();
    const writer = near.writable.getWriter();
    await writer.write(text('last words'));
    const reader = far.readable.getReader();
    const reading = reader.read();
    await writer.close();
    expect(words((await reading).value as Uint8Array)).toBe('last words');
    await expect(reader.read()).resolves.toEqual({ done: true, value: undefined });
    expect([a.closed, b.closed]).toEqual([false, false]);
    const back = far.writable.getWriter();
    await back.write(text('thanks'));
    const answers = near.readable.getReader();
    expect(words((await answers.read()).value as Uint8Array)).toBe('thanks');
    await back.close();
    await expect(answers.read()).resolves.toEqual({ done: true, value: undefined });
    for (const session of [a, b]) {
      await expect(firstValueFrom(session.closed$)).resolves.toEqual({ reason: 'completed' });
    }
  });

  test('by a failure of the session: reading fails after what had come before, writing at once', async () => {
    const { a, b, far } = streams();
    const failure = new Error('cable cut');
    for (const word of ['1', '2']) a.next(text(word));
    const writer = far.writable.getWriter();
    b.error(failure);
    await expect(writer.write(text('x'))).rejects.toBe(failure);
    const reader = far.readable.getReader();
    await settled();
    for (const word of ['1', '2']) expect(words((await reader.read()).value as Uint8Array)).toBe(word);
    await expect(reader.read()).rejects.toBe(failure);
  });

  test('by a failure while a write waits, with what the session failed with', async () => {
    const lonely = open(memoryPair()[0], { sendWindow: 1 });
    const writer = toWebStreams(lonely).writable.getWriter();
    const writing = [writer.write(text('1')), writer.write(text('2'))];
    await writing[0];
    const failure = new Error('cable cut');
    lonely.error(failure);
    await expect(writing[1]).rejects.toBe(failure);
    await expect(writer.closed).rejects.toBe(failure);
  });

  test('by close() of the session: writing fails with SessionClosedError, also a close() that waits', async () => {
    const lonely = open(memoryPair()[0]);
    const writer = toWebStreams(lonely).writable.getWriter();
    await writer.write(text('never acknowledged'));
    const closing = writer.close();
    await settled();
    lonely.close();
    await expect(closing).rejects.toThrow(SessionClosedError);
  });

  test('by abort(): the session fails with the reason', async () => {
    const { a, near } = streams();
    const reason = new Error('changed my mind');
    await near.writable.abort(reason);
    await expect(firstValueFrom(a.closed$)).resolves.toEqual({ reason: 'failed', error: reason });
  });

  test('by abort() while a write waits for the window of a silent peer: at once', async () => {
    const [link] = memoryPair();
    const session = open(link, { sendWindow: 4 });
    session.subscribe({ error: () => {} });
    const writer = toWebStreams(session).writable.getWriter();
    const outcomes = Promise.allSettled([writer.write(new Uint8Array(100_000)), writer.closed]);
    await settled();
    const reason = new Error('no more');
    const aborting = writer.abort(reason);
    expect(session.closed).toBe(true);
    await expect(firstValueFrom(session.closed$)).resolves.toEqual({ reason: 'failed', error: reason });
    await expect(aborting).resolves.toBeUndefined();
    const [write, closed] = await outcomes;
    expect(write.status).toBe('rejected');
    expect(closed).toEqual({ status: 'rejected', reason });
  });

  test('by abort() while close() waits for the last acknowledgment: at once', async () => {
    const [link] = memoryPair();
    const session = open(link);
    session.subscribe({ error: () => {} });
    const writer = toWebStreams(session).writable.getWriter();
    await writer.write(text('x'));
    const outcomes = Promise.allSettled([writer.close(), writer.closed]);
    await settled();
    const reason = new Error('no more');
    void writer.abort(reason).catch(() => {});
    expect(session.closed).toBe(true);
    for (const outcome of await outcomes) expect(outcome).toEqual({ status: 'rejected', reason });
  });

  test('of reading by cancel(): others go on, and so does writing', async () => {
    const { a, b, near, far } = streams();
    await far.readable.cancel();
    const seen: string[] = [];
    b.subscribe((message) => seen.push(words(message)));
    await near.writable.getWriter().write(text('x'));
    expect(seen).toEqual(['x']);
    await far.writable.getWriter().write(text('y'));
    expect(a.stats().unread).toBe(1);
  });
});

test('toWebStreams throws OptionError at once', () => {
  const [a] = pair();
  expect(() => toWebStreams(a, { messages: 'yes' as never })).toThrow(OptionError);
  expect(() => toWebStreams(a, null as never)).toThrow(OptionError);
});
