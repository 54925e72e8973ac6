import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { connect as connectTcp, createServer, type Socket } from 'node:net';
import { pipeline } from 'node:stream/promises';
import { firstValueFrom, of } from 'rxjs';
import { OptionError, SendQueueFullError, UnknownOptionError } from 'rxkcp';
import {
  MuxClosedError,
  MuxKeepAliveError,
  MuxPeerClosedError,
  type MuxStream,
  MuxStreamClosedError,
  MuxStreamLimitError,
  MuxVersionError,
  mux,
} from 'rxkcp/mux';
import { toDuplex } from 'rxkcp/node';
import { sendTo, serve } from 'rxkcp/operators';
import { toWebStreams } from 'rxkcp/streams';
import { describe, expect, test } from 'vitest';
import { text, words } from '../support/marbles.ts';
import { logOf, muxPair } from '../support/mux-pair.ts';
import { bytes, seeded } from '../support/random.ts';

const MiB = 1 << 20;
const sha256 = (data: Uint8Array): string => createHash('sha256').update(data).digest('hex');

/** Keeps the first stream that the peer opens, unread. */
function firstOf(end: { streams$: { subscribe(next: (stream: MuxStream) => void): unknown } }): () => MuxStream {
  let first: MuxStream | undefined;
  end.streams$.subscribe((stream) => (first ??= stream));
  return () => first ?? expect.fail('no stream has come');
}

describe.each([1, 2] as const)('smux version %i over sessions', (version) => {
  test('100 streams each way, at 10 % loss: all bytes, each end its half-close', () => {
    const { client, server, run, sessions } = muxPair({
      network: { loss: 0.1, delay: 20, seed: 7 },
      session: { sendWindow: 256, receiveWindow: 256 },
      mux: { version },
    });
    const random = seeded(version);
    const seen: string[] = [];
    const expected: string[] = [];
    for (const [here, there, name] of [
      [client, server, 'up'],
      [server, client, 'down'],
    ] as const) {
      there.streams$.subscribe((stream) => {
        const read: Uint8Array[] = [];
        stream.subscribe({
          next: (chunk) => read.push(chunk),
          // It answers when all is there: after the half-close of the peer.
          complete: () => {
            const all = Buffer.concat(read);
            stream.next(text(sha256(all)));
            stream.complete();
          },
        });
        stream.following.keepHalfOpen();
      });
      for (let i = 0; i < 100; i++) {
        const sent = bytes(random, 1 + Math.floor(random() * 40_000));
        const stream = here.open();
        expected.push(`${name} ${i} ${sha256(sent)} completed`);
        const read: Uint8Array[] = [];
        stream.subscribe((chunk) => read.push(chunk));
        stream.closed$.subscribe(({ reason }) => seen.push(`${name} ${i} ${words(Buffer.concat(read))} ${reason}`));
        stream.next(sent);
        stream.complete();
      }
    }
    run(20_000);
    expect(seen.sort()).toEqual(expected.sort());
    expect([client.stats().streams, server.stats().streams]).toEqual([0, 0]);
    client.complete();
    run(30_000);
    expect(sessions.map(({ closed }) => closed)).toEqual([true, true]);
  });

  test('a stream is silent for ever, and its session lives: keepalives', () => {
    const { client, server, run } = muxPair({ mux: { version } });
    const seen = logOf(client.open());
    run(300_000);
    expect([seen, client.closed, server.closed]).toEqual([[], false, false]);
  });

  test('a peer that is gone is found out', () => {
    const { client, run } = muxPair({
      network: { blackouts: [{ at: 10, duration: 1e9 }] },
      mux: { version },
      session: { deadAfter: 0 },
    });
    const seen = logOf(client.open());
    const ends: unknown[] = [];
    client.closed$.subscribe((end) => ends.push(end));
    run(60_000);
    expect(seen).toEqual(['failed', 'ERR_MUX_KEEP_ALIVE']);
    expect(ends).toEqual([{ reason: 'failed', error: new MuxKeepAliveError(30_000) }]);
  });
});

describe('an end of a stream', () => {
  test('is a half-close: the other direction goes on until its own', () => {
    const { client, server, run } = muxPair({ mux: { allowHalfOpen: true } });
    const accepted = firstOf(server);
    const stream = client.open();
    const seen = logOf(stream);
    stream.next(text('question'));
    stream.complete();
    run(100);
    const there = logOf(accepted());
    accepted().next(text('answer'));
    run(200);
    expect([there, seen, stream.closed]).toEqual([['question', 'complete'], [], false]);
    accepted().complete();
    run(300);
    expect([there, seen.sort()]).toEqual([
      ['question', 'complete', 'completed'],
      ['answer', 'complete', 'completed'],
    ]);
  });

  test('completes the stream itself, when all is read, unless it may be half-open', () => {
    const { client, server, run } = muxPair();
    const accepted = firstOf(server);
    const stream = client.open();
    const seen = logOf(stream);
    stream.complete();
    run(100);
    expect([seen, accepted().closed]).toEqual([[], false]);
    const there = logOf(accepted());
    run(200);
    expect([there.sort(), seen.sort()]).toEqual([
      ['complete', 'completed'],
      ['complete', 'completed'],
    ]);
  });

  test('by close() releases whoever sends to it', async () => {
    const { client, server, run } = muxPair();
    const accepted = firstOf(server);
    const stream = client.open();
    const sending = stream.send(new Uint8Array(MiB));
    const failed = expect(sending).rejects.toThrow(new MuxPeerClosedError(stream.id));
    run(100);
    accepted().close();
    run(200);
    await failed;
    expect(await firstValueFrom(stream.closed$)).toEqual({ reason: 'failed', error: new MuxPeerClosedError(3) });
    expect(await firstValueFrom(accepted().closed$)).toEqual({ reason: 'closed' });
    await expect(stream.send(text('late'))).rejects.toThrow(MuxStreamClosedError);
  });

  test('by error() closes it with that error', async () => {
    const { client } = muxPair();
    const stream = client.open();
    const seen = logOf(stream);
    stream.error(new Error('mine'));
    expect(seen).toEqual(['failed', 'mine']);
  });

  test('comes with the end of the session: what has arrived is read before', async () => {
    const { client, server, sessions, run } = muxPair({ network: { delay: 5 } });
    const accepted = firstOf(server);
    const stream = client.open();
    stream.next(text('last words'));
    run(100);
    accepted().pause();
    const seen = logOf(accepted());
    sessions[1].error(new Error('the link broke'));
    expect(seen).toEqual(['failed']);
    accepted().resume();
    expect(seen).toEqual(['failed', 'last words', 'the link broke']);
    expect(() => server.open()).toThrow(MuxClosedError);
    expect(server.closed).toBe(true);
  });

  test('of the session by close() tells the peer of each stream', () => {
    const { client, server, run } = muxPair();
    const accepted = firstOf(server);
    client.open().next(text('hello'));
    run(50);
    const seen = logOf(accepted());
    client.close();
    run(100);
    expect(seen.sort()).toEqual(['complete', 'hello', 'peer']);
    expect([client.closed, server.closed]).toEqual([true, true]);
  });

  test('of the session by complete() waits for the streams, and refuses new ones', () => {
    const { client, server, run } = muxPair();
    const accepted = firstOf(server);
    const stream = client.open();
    stream.messages$.subscribe();
    run(50);
    client.complete();
    expect(() => client.open()).toThrow(MuxClosedError);
    const refused = logOf(server.open());
    run(100);
    expect(refused.sort()).toEqual(['complete', 'peer']);
    expect(client.closed).toBe(false);
    accepted().messages$.subscribe();
    accepted().complete();
    run(200);
    expect([client.closed, server.closed]).toEqual([true, true]);
  });
});

describe('backpressure', () => {
  test('one unread stream does not stop another (version 2)', () => {
    const { client, server, run } = muxPair({ session: { sendWindow: 1024, receiveWindow: 1024 } });
    let received = 0;
    server.streams$.subscribe((stream) => {
      if (stream.id > 3) stream.subscribe((chunk) => (received += chunk.length));
    });
    const unread = client.open();
    unread.next(new Uint8Array(MiB));
    const read = client.open();
    read.next(new Uint8Array(3 * MiB));
    run(5000);
    expect([received, unread.bytesSent]).toEqual([3 * MiB, 262_144]);
    expect(server.stats().unreadBytes).toBe(262_144);
  });

  test('in version 1 it does, and is told of', () => {
    const { client, server, run } = muxPair({
      session: { sendWindow: 1024, receiveWindow: 1024 },
      mux: { version: 1, maxReceiveBuffer: 100_000 },
    });
    const accepted = firstOf(server);
    const stalls: number[][] = [];
    server.stalled$.subscribe((streams) => stalls.push(streams.map(({ id }) => id)));
    client.open().next(new Uint8Array(500_000));
    run(5000);
    expect(stalls).toEqual([[], [3]]);
    expect(server.stats().unreadBytes).toBeLessThan(200_000);
    accepted().messages$.subscribe();
    run(10_000);
    expect([accepted().bytesReceived, stalls.at(-1)]).toEqual([500_000, []]);
  });

  test('send() resolves when the connection has taken the bytes, which are lent for the call only', async () => {
    const { client, server, run } = muxPair({ session: { sendWindow: 4 } });
    const accepted = firstOf(server);
    const stream = client.open();
    const mine = new Uint8Array(100_000).fill(7);
    let taken = false;
    const sending = stream.send(mine).then(() => (taken = true));
    mine.fill(0);
    await Promise.resolve();
    expect([taken, client.stats().queuedBytes > 0]).toEqual([false, true]);
    const read: Uint8Array[] = [];
    run(1);
    accepted().subscribe((chunk) => read.push(chunk));
    run(5000);
    await sending;
    const all = Buffer.concat(read);
    expect([all.length, all.every((byte) => byte === 7)]).toEqual([100_000, true]);
  });

  test('pushing beyond sendQueueBytes fails the stream, and no other', () => {
    const { client } = muxPair({ mux: { sendQueueBytes: 1000 } });
    const [pushed, other] = [client.open(), client.open()];
    const seen = logOf(pushed);
    pushed.next(new Uint8Array(MiB));
    pushed.next(new Uint8Array(1001));
    expect(seen).toEqual(['failed', new SendQueueFullError('sendQueueBytes', 1000).code]);
    expect([other.closed, client.closed]).toEqual([false, false]);
  });

  test('a relay of one stream into another goes at the pace of the slower', () => {
    const fast = muxPair();
    const slow = muxPair({ session: { sendWindow: 2 }, network: { delay: 50 } });
    const outlet = slow.client.open();
    fast.server.streams$.subscribe((stream) => stream.subscribe(outlet));
    let arrived = 0;
    slow.server.streams$.subscribe((stream) => stream.subscribe((chunk) => (arrived += chunk.length)));
    const inlet = fast.client.open();
    inlet.next(new Uint8Array(MiB));
    inlet.complete();
    fast.run(1000);
    expect(slow.client.stats().queuedBytes).toBeLessThan(300_000);
    for (let now = 1000; now < 100_000; now += 100) {
      slow.run(now);
      fast.run(now);
    }
    expect(arrived).toBe(MiB);
  });
});

describe('streams$', () => {
  test('keeps streams, and their bytes, for the first subscriber', () => {
    const { client, server, run } = muxPair();
    for (const name of ['a', 'b']) client.open().next(text(name));
    run(100);
    const seen: string[] = [];
    server.streams$.subscribe((stream) => stream.subscribe((chunk) => seen.push(`${stream.id} ${words(chunk)}`)));
    expect(seen).toEqual(['3 a', '5 b']);
  });

  test('works with serve and sendTo: an echo', () => {
    const { client, server, run } = muxPair();
    server.streams$.pipe(serve((stream: MuxStream) => stream.pipe(sendTo(stream)))).subscribe();
    const stream = client.open();
    const seen = logOf(stream);
    of(text('one '), text('two')).pipe(sendTo(stream)).subscribe();
    run(50);
    stream.complete();
    run(100);
    expect(seen.sort()).toEqual(['complete', 'completed', 'one two']);
  });

  test('is limited by maxStreams', () => {
    const { client, server, run } = muxPair({ mux: { maxStreams: 3 } });
    for (let i = 0; i < 3; i++) client.open();
    expect(() => client.open()).toThrow(MuxStreamLimitError);
    run(100);
    expect(server.stats().streams).toBe(3);
  });
});

describe('carriers', () => {
  async function sockets(): Promise<[Socket, Socket]> {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const client = connectTcp((server.address() as { port: number }).port, '127.0.0.1');
    const [accepted] = (await once(server, 'connection')) as [Socket];
    server.close();
    return [client, accepted];
  }

  test('TCP: 8 streams of a MiB through toDuplex, with backpressure', async () => {
    const [left, right] = await sockets();
    const client = mux(left, { role: 'client' });
    mux(right, { role: 'server' }).streams$.subscribe((stream) => {
      const duplex = toDuplex(stream);
      pipeline(duplex, duplex).catch(() => {});
    });
    const random = seeded(5);
    const echoes = Array.from({ length: 8 }, async () => {
      const sent = bytes(random, MiB);
      const duplex = toDuplex(client.open());
      duplex.end(sent);
      const read = Buffer.concat(await duplex.toArray());
      expect(sha256(read)).toBe(sha256(sent));
    });
    await Promise.all(echoes);
    client.complete();
    expect((await firstValueFrom(client.closed$)).reason).toBe('completed');
  });

  test('web streams', async () => {
    const up = new TransformStream<Uint8Array, Uint8Array>();
    const down = new TransformStream<Uint8Array, Uint8Array>();
    const client = mux({ readable: down.readable, writable: up.writable }, { role: 'client' });
    const server = mux({ readable: up.readable, writable: down.writable }, { role: 'server' });
    server.streams$.subscribe((stream) => {
      const { readable, writable } = toWebStreams(stream);
      readable.pipeTo(writable);
    });
    const { readable, writable } = toWebStreams(client.open());
    const writer = writable.getWriter();
    const written = writer.write(new Uint8Array(500_000).fill(3)).then(() => writer.close());
    const read = new Uint8Array(await new Response(readable).arrayBuffer());
    await written;
    expect([read.length, read.every((byte) => byte === 3)]).toEqual([500_000, true]);
    client.close();
    expect((await firstValueFrom(server.closed$)).reason).not.toBe('closed');
  });

  test('a connection of something else ends with a typed error', async () => {
    const [left, right] = await sockets();
    const client = mux(left, { role: 'client' });
    right.write('HTTP/1.1 400 Bad Request\r\n\r\n');
    expect(await firstValueFrom(client.closed$)).toEqual({ reason: 'failed', error: new MuxVersionError(72, 2) });
    right.destroy();
  });

  test('an iterator reads at its own pace', async () => {
    const [left, right] = await sockets();
    const stream = mux(left, { role: 'client' }).open();
    const accepted = firstValueFrom(mux(right, { role: 'server' }).streams$);
    for (const word of ['a', 'b', 'c']) await stream.send(text(word));
    stream.complete();
    let all = '';
    for await (const chunk of await accepted) all += words(chunk);
    expect(all).toBe('abc');
    left.destroy();
  });

  test('what is no carrier is refused', () => {
    expect(() => mux({} as never, { role: 'client' })).toThrow(OptionError);
  });
});

describe('options', () => {
  const [session] = muxPair().sessions;

  test.each([
    [{}, 'option role must be'],
    [{ role: 'peer' }, "option role must be 'client' or 'server'"],
    [{ role: 'client', version: 3 }, 'option version must be 1 or 2, got 3'],
    [{ role: 'client', maxFrameSize: 65_536 }, 'option maxFrameSize must be an integer from 1 to 65535'],
    [
      { role: 'client', maxFrameSize: 100, sharedFrameSize: 200 },
      'option sharedFrameSize must be an integer from 1 to 100',
    ],
    [
      { role: 'client', maxReceiveBuffer: 10, maxStreamBuffer: 11 },
      'option maxStreamBuffer must be an integer from 1 to 10',
    ],
    [{ role: 'client', scheduler: 5 }, 'option scheduler'],
  ])('%j are refused', (options, message) => {
    expect(() => mux(session, options as never)).toThrow(OptionError);
    expect(() => mux(session, options as never)).toThrow(message);
  });

  test('of other names are refused with the nearest one', () => {
    expect(() => mux(session, { role: 'client', keepalive: 5 } as never)).toThrow(UnknownOptionError);
    expect(() => muxPair().client.open({ wieght: 1 } as never)).toThrow('did you mean weight?');
  });
});
