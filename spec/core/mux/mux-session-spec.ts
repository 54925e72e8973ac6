import {
  encodeMuxFrame,
  MuxCommandError,
  MuxConsumedError,
  MuxFloodError,
  type MuxFrame,
  MuxFrameDecoder,
  MuxFrameLengthError,
  MuxIdsExhaustedError,
  MuxKeepAliveError,
  MuxPeerClosedError,
  MuxSession,
  MuxStreamLimitError,
  MuxTruncatedError,
  MuxVersionError,
  MuxWindowError,
  type StreamEnd,
} from 'rxkcp/core';
import { describe, expect, test } from 'vitest';
import { fromHex } from '../../support/hex.ts';
import { OurEnd } from '../../support/mux-ends.ts';

const KiB = 1024;

/** What `end` sends now, in words: `psh 3 5` is 5 bytes on stream 3. */
function sent(end: OurEnd, most?: number): string[] {
  return [...new MuxFrameDecoder(end.session.settings.version).decode(end.output(most))].map((frame) => {
    if (frame.kind === 'psh') return `psh ${frame.id} ${frame.data.length}`;
    if (frame.kind === 'upd') return `upd ${frame.id} ${frame.consumed} ${frame.window}`;
    return `${frame.kind} ${frame.id}`;
  });
}

function say(end: OurEnd, ...frames: MuxFrame[]): void {
  for (const frame of frames) end.input(encodeMuxFrame(frame, end.session.settings.version));
}

const data = (id: number, length: number): MuxFrame => ({ kind: 'psh', id, data: new Uint8Array(length) });

/** How a stream ended: nothing, or an error in an array. */
function ends(stream: StreamEnd): unknown[] {
  const seen: unknown[] = [];
  stream.owner = { readable() {}, sent() {}, over: (error) => seen.push(error) };
  return seen;
}

describe('streams', () => {
  test('have odd ids from 3 on at a client, and even ones from 2 on at a server', () => {
    for (const [role, ids] of [
      ['client', [3, 5, 7]],
      ['server', [2, 4, 6]],
    ] as const) {
      const { session } = new OurEnd({ role });
      expect([session.open(1), session.open(1), session.open(1)].map(({ id }) => id)).toEqual(ids);
    }
  });

  test('leave out ids that the peer has taken against the rules', () => {
    const client = new OurEnd({ role: 'client' });
    say(client, { kind: 'syn', id: 3 }, { kind: 'syn', id: 7 });
    expect([client.session.open(1).id, client.session.open(1).id]).toEqual([5, 9]);
  });

  test('are limited: opening fails, and what the peer opens is refused by two FINs', () => {
    const server = new OurEnd({ role: 'server', maxStreams: 2 });
    say(server, { kind: 'syn', id: 3 }, { kind: 'syn', id: 5 }, { kind: 'syn', id: 7 }, data(7, 10), {
      kind: 'fin',
      id: 7,
    });
    expect(server.accepted.map(({ id }) => id)).toEqual([3, 5]);
    expect(sent(server)).toEqual(['fin 7', 'fin 7']);
    expect(() => server.session.open(1)).toThrow(MuxStreamLimitError);
    expect(server.session.unread).toBe(0);
  });

  test('end when both sides have finished, once, and are forgotten', () => {
    const client = new OurEnd({ role: 'client' });
    const stream = client.session.open(1);
    const seen = ends(stream);
    client.session.finish(stream);
    expect(sent(client)).toEqual(['syn 3', 'fin 3']);
    expect(seen).toEqual([]);
    say(client, { kind: 'fin', id: 3 }, { kind: 'fin', id: 3 });
    expect([seen, client.session.streams.size]).toEqual([[undefined], 0]);
  });

  test('that are closed say so by a second FIN, drop what comes, and are forgotten', () => {
    const client = new OurEnd({ role: 'client' });
    const stream = client.session.open(1);
    say(client, data(3, 100));
    client.session.write(stream, new Uint8Array(5));
    client.session.close(stream, 0);
    expect(client.session.unread).toBe(0);
    say(client, data(3, 100));
    expect(sent(client)).toEqual(['syn 3', 'psh 3 5', 'fin 3', 'fin 3']);
    say(client, data(3, 1 << 15), { kind: 'fin', id: 3 });
    expect([client.session.streams.size, client.session.unread, client.ended]).toEqual([0, 0, []]);
  });

  test('that the peer has closed release what waits to be sent', () => {
    const client = new OurEnd({ role: 'client' });
    const stream = client.session.open(1);
    client.session.write(stream, new Uint8Array(300 * KiB));
    client.output();
    const seen = ends(stream);
    say(client, { kind: 'fin', id: 3 });
    expect(seen).toEqual([]);
    say(client, { kind: 'fin', id: 3 });
    expect(seen).toEqual([new MuxPeerClosedError(3)]);
    expect([stream.outgoing.length, client.session.streams.size]).toEqual([0, 0]);
  });

  test('of a peer that has said FIN once, and takes nothing more, are given up after closeTimeout', () => {
    const client = new OurEnd({ role: 'client', closeTimeout: 5000, keepAliveInterval: 0, keepAliveTimeout: 0 });
    const stream = client.session.open(1);
    client.session.write(stream, new Uint8Array(300 * KiB));
    client.output();
    const seen = ends(stream);
    client.now = 1000;
    say(client, { kind: 'fin', id: 3 });
    expect(client.session.nextTimeout(2000)).toBe(4000);
    client.session.tick(5999);
    expect(seen).toEqual([]);
    client.session.tick(6000);
    expect(seen).toEqual([new MuxPeerClosedError(3)]);
    expect(sent(client)).toEqual(['fin 3']);
    expect(client.session.nextTimeout(6000)).toBeUndefined();
  });

  test('have ids that are not used again, until there are none left', () => {
    const { settings } = new OurEnd({ role: 'client' }).session;
    const session = new MuxSession(settings, { accepted() {}, ended() {} }, 0, 0xffff_fffb);
    expect([session.open(1).id, session.open(1).id]).toEqual([0xffff_fffd, 0xffff_ffff]);
    expect(() => session.open(1)).toThrow(MuxIdsExhaustedError);
  });
});

describe('windows of version 2', () => {
  test('begin at 262144 bytes, whatever the peer has; then nothing is sent until it tells more', () => {
    const client = new OurEnd({ role: 'client', maxFrameSize: 65_535 });
    const stream = client.session.open(1);
    client.session.write(stream, new Uint8Array(300 * KiB));
    client.output();
    expect(stream.written).toBe(262_144);
    say(client, { kind: 'upd', id: 3, consumed: 100_000, window: 262_144 });
    client.output();
    expect(stream.written).toBe(300 * KiB);
  });

  test('hold modulo 2^32', () => {
    const client = new OurEnd({ role: 'client' });
    const stream = client.session.open(1);
    stream.written = 2 ** 32 + 10;
    say(client, { kind: 'upd', id: 3, consumed: 5, window: 20 });
    client.session.write(stream, new Uint8Array(100));
    expect(sent(client)).toEqual(['syn 3', 'psh 3 15']);
  });

  test('over 2^31 are none', () => {
    const client = new OurEnd({ role: 'client' });
    client.session.write(client.session.open(1), new Uint8Array(100));
    say(client, { kind: 'upd', id: 3, consumed: 0, window: 0x8000_0000 });
    expect(sent(client)).toEqual(['syn 3']);
  });

  test('are told with the first read, and each time half of one is read; before all data', () => {
    const server = new OurEnd({ role: 'server', maxStreamBuffer: 1000 });
    say(server, { kind: 'syn', id: 3 });
    const stream = server.accepted[0]!;
    server.session.write(stream, new Uint8Array(100));
    for (const length of [10, 400, 89, 1]) {
      say(server, data(3, length));
      server.read(stream);
    }
    expect(sent(server)).toEqual(['upd 3 500 1000', 'psh 3 100']);
    say(server, data(3, 499));
    server.read(stream);
    expect(sent(server)).toEqual([]);
    say(server, data(3, 1));
    server.read(stream);
    expect(sent(server)).toEqual(['upd 3 1000 1000']);
  });

  test('of an unread stream stop nobody else, and shrink for all when memory is used up', () => {
    const server = new OurEnd({ role: 'server', maxReceiveBuffer: 512 * KiB });
    say(server, { kind: 'syn', id: 3 }, { kind: 'syn', id: 5 });
    for (let i = 0; i < 8; i++) say(server, data(3, 32 * KiB));
    expect(server.session.isFull).toBe(false);
    say(server, data(5, 1000));
    server.read(server.accepted[1]!);
    // Half of what is free.
    expect(sent(server)).toEqual([`upd 5 1000 ${128 * KiB}`]);
  });

  test('grow while they, and not the reader, limit a stream, up to maxStreamBuffer', () => {
    const server = new OurEnd({ role: 'server', maxStreamBuffer: 2048 * KiB });
    say(server, { kind: 'syn', id: 3 });
    const stream = server.accepted[0]!;
    // A path of 100 ms there and back, whose sender uses the window as soon as it hears of it.
    for (let round = 0; round < 40; round++) {
      server.now += 100;
      while (stream.received < stream.limit) say(server, data(3, Math.min(stream.limit - stream.received, 32 * KiB)));
      server.read(stream);
      server.output();
    }
    expect(stream.window).toBe(2048 * KiB);
  });

  test('grow although losses hold up what arrives, and let much of it go at once', () => {
    const server = new OurEnd({ role: 'server', maxStreamBuffer: 2048 * KiB });
    say(server, { kind: 'syn', id: 3 });
    const stream = server.accepted[0]!;
    for (let round = 0; round < 12; round++) {
      // 50 ms there and back, but what leaves after the first round waits for a packet that was lost, and lost again.
      server.now += round < 2 ? 50 : 300;
      const { limit } = stream;
      while (stream.received < limit) {
        say(server, data(3, Math.min(limit - stream.received, 8 * KiB)));
        server.read(stream);
        server.output();
      }
    }
    expect(stream.window).toBe(2048 * KiB);
  });

  test('are told each 256 KiB when they are large', () => {
    const server = new OurEnd({ role: 'server' });
    say(server, { kind: 'syn', id: 3 });
    const stream = server.accepted[0]!;
    stream.window = 4096 * KiB;
    say(server, data(3, KiB));
    server.read(stream);
    expect(sent(server)).toHaveLength(1);
    const told: string[] = [];
    for (let i = 0; i < 16; i++) {
      say(server, data(3, 32 * KiB));
      server.read(stream);
      told.push(...sent(server));
    }
    expect(told).toEqual([`upd 3 ${257 * KiB} ${4096 * KiB}`, `upd 3 ${513 * KiB} ${4096 * KiB}`]);
  });

  test('grow at once to what another stream has needed, but for half of the memory', () => {
    const server = new OurEnd({ role: 'server', maxStreamBuffer: 2048 * KiB, maxReceiveBuffer: 4096 * KiB });
    say(server, { kind: 'syn', id: 3 }, { kind: 'syn', id: 5 });
    const [first, second] = server.accepted as [StreamEnd, StreamEnd];
    for (let round = 0; first.window < 2048 * KiB && round < 40; round++) {
      server.now += 100;
      while (first.received < first.limit) say(server, data(3, Math.min(first.limit - first.received, 32 * KiB)));
      server.read(first);
      server.output();
    }
    for (let i = 0; i < 5; i++) {
      say(server, data(5, 32 * KiB));
      server.read(second);
      server.output();
    }
    // Of 4096 KiB the first has taken 1792.
    expect(second.window).toBe((256 + 2304 / 2) * KiB);
  });

  test('do not grow for a reader that is slow', () => {
    const server = new OurEnd({ role: 'server' });
    say(server, { kind: 'syn', id: 3 });
    const stream = server.accepted[0]!;
    for (let round = 0; round < 40; round++) {
      while (stream.received < stream.limit) say(server, data(3, Math.min(stream.limit - stream.received, 32 * KiB)));
      // What it reads comes back 10 ms later, but it reads once in 10 s.
      server.now += 10;
      server.read(stream, 150 * KiB);
      server.output();
      server.now += 10;
      if (stream.received < stream.limit) say(server, data(3, 1));
      server.now += 10_000;
    }
    expect(stream.window).toBe(256 * KiB);
  });
});

describe('version 1', () => {
  test('reads nothing more while maxReceiveBuffer is unread, and says so', () => {
    const server = new OurEnd({ role: 'server', version: 1, maxReceiveBuffer: 100 });
    say(server, { kind: 'syn', id: 3 }, data(3, 99));
    expect(server.session.isFull).toBe(false);
    say(server, data(3, 1));
    expect(server.session.isFull).toBe(true);
    server.read(server.accepted[0]!);
    expect(server.session.isFull).toBe(false);
    expect(sent(server)).toEqual([]);
  });
});

describe('turns', () => {
  test('go by bytes: streams with large and with small writes get as much as each other', () => {
    const { session } = new OurEnd({ role: 'client', version: 1 });
    const [large, small] = [session.open(1), session.open(1)];
    session.write(large, new Uint8Array(1 << 20));
    for (let i = 0; i < 10_000; i++) session.write(small, new Uint8Array(100));
    session.take(200_000, [], 0);
    expect(Math.abs(large.written - small.written)).toBeLessThan(6000);
    expect(large.written + small.written).toBeGreaterThan(190_000);
  });

  test('go by weight', () => {
    const { session } = new OurEnd({ role: 'client', version: 1 });
    const [light, heavy] = [session.open(1), session.open(3)];
    for (const stream of [light, heavy]) session.write(stream, new Uint8Array(1 << 20));
    session.take(400_000, [], 0);
    expect(heavy.written / light.written).toBeCloseTo(3, 0);
  });

  test('use short frames while several streams wait, and long ones for one alone', () => {
    const client = new OurEnd({ role: 'client', version: 1, sharedFrameSize: 1000, maxFrameSize: 10_000 });
    const [a, b] = [client.session.open(1), client.session.open(1)];
    client.session.write(a, new Uint8Array(20_000));
    client.session.write(b, new Uint8Array(1000));
    expect(sent(client)).toEqual([
      'syn 3',
      'syn 5',
      'psh 3 1000',
      'psh 5 1000',
      'psh 3 1000',
      'psh 3 10000',
      'psh 3 8000',
    ]);
  });

  test('begin with streams that had nothing to send, in front of those that send much', () => {
    const client = new OurEnd({ role: 'client', version: 1, sharedFrameSize: 1000 });
    for (let i = 0; i < 20; i++) client.session.write(client.session.open(1), new Uint8Array(100_000));
    client.output(100_000);
    const small = client.session.open(1);
    client.session.write(small, new Uint8Array(64));
    expect(sent(client, 1000).slice(0, 2)).toEqual(['syn 43', 'psh 43 64']);
  });

  test('let nobody starve, however often others begin again', () => {
    const client = new OurEnd({ role: 'client', version: 1, sharedFrameSize: 1000 });
    const bulk = client.session.open(1);
    client.session.write(bulk, new Uint8Array(1 << 20));
    const others = Array.from({ length: 10 }, () => client.session.open(1));
    for (let i = 0; i < 500; i++) {
      for (const other of others) client.session.write(other, new Uint8Array(50));
      client.output(500);
    }
    expect(bulk.written).toBeGreaterThan(20_000);
  });

  test('send FIN behind the data of its stream', () => {
    const client = new OurEnd({ role: 'client', version: 1, sharedFrameSize: 1000, maxFrameSize: 1000 });
    const stream = client.session.open(1);
    client.session.write(stream, new Uint8Array(1500));
    client.session.finish(stream);
    client.session.write(client.session.open(1), new Uint8Array(10));
    expect(sent(client)).toEqual(['syn 3', 'syn 5', 'psh 3 1000', 'psh 5 10', 'psh 3 500', 'fin 3']);
  });
});

describe('keepalive', () => {
  test('sends NOP every interval, and fails when nothing was heard for keepAliveTimeout', () => {
    const client = new OurEnd({ role: 'client' });
    const stream = client.session.open(1);
    const seen = ends(stream);
    client.output();
    const nops: number[] = [];
    for (let now = 0; client.ended.length === 0; now += client.session.nextTimeout(now) ?? 0) {
      client.now = now;
      client.session.tick(now);
      if (sent(client).includes('nop 0')) nops.push(now);
    }
    expect(nops).toEqual([10_000, 20_000]);
    expect([client.now, client.ended]).toEqual([30_000, [new MuxKeepAliveError(30_000)]]);
    expect(seen).toEqual(client.ended);
  });

  test('counts any byte as a sign of life', () => {
    const client = new OurEnd({ role: 'client', keepAliveInterval: 0 });
    client.now = 29_000;
    client.input(Uint8Array.of(2));
    expect(client.session.nextTimeout(29_000)).toBe(30_000);
    client.session.tick(58_999);
    expect(client.ended).toEqual([]);
  });

  test('excuses silence when this process was held up itself', () => {
    const client = new OurEnd({ role: 'client', keepAliveInterval: 0 });
    client.session.tick(50_000);
    expect([client.ended, client.session.nextTimeout(50_000)]).toEqual([[], 1000]);
    client.session.tick(51_000);
    expect(client.ended).toHaveLength(1);
  });

  test('excuses silence while nothing may be read (version 1)', () => {
    const server = new OurEnd({ role: 'server', version: 1, maxReceiveBuffer: 10, keepAliveInterval: 0 });
    say(server, { kind: 'syn', id: 3 }, data(3, 10));
    expect(server.session.nextTimeout(0)).toBeUndefined();
    server.now = 90_000;
    server.session.tick(90_000);
    server.read(server.accepted[0]!);
    expect([server.ended, server.session.nextTimeout(90_000)]).toEqual([[], 30_000]);
  });
});

describe('violations end the session, typed', () => {
  test.each<[string, string, unknown]>([
    ['another version', '01', new MuxVersionError(1, 2)],
    ['HTTP', '47455420', new MuxVersionError(0x47, 2)],
    ['an unknown command', '0205000003000000', new MuxCommandError(5, 2)],
    ['a SYN with a length', '0200010003000000', new MuxFrameLengthError('SYN', 1, 0)],
    ['a NOP with a length', '0203ff0000000000', new MuxFrameLengthError('NOP', 255, 0)],
    ['an UPD of another length', '0204070003000000', new MuxFrameLengthError('UPD', 7, 8)],
    ['an UPD of what was never sent', '020408000300000005000000ffff0000', new MuxConsumedError(3, 5)],
  ])('%s', (_name, hex, error) => {
    const client = new OurEnd({ role: 'client' });
    const seen = ends(client.session.open(1));
    client.input(fromHex(hex));
    expect([client.ended, seen]).toEqual([[error], [error]]);
    client.input(fromHex('0200000005000000'));
    expect(client.accepted).toEqual([]);
  });

  test('an UPD in version 1', () => {
    const client = new OurEnd({ role: 'client', version: 1 });
    client.input(fromHex('0104080003000000'));
    expect(client.ended).toEqual([new MuxCommandError(4, 1)]);
  });

  test('more than the window allows', () => {
    const server = new OurEnd({ role: 'server', maxReceiveBuffer: 1 << 30 });
    say(server, { kind: 'syn', id: 3 });
    for (let i = 0; i < 4; i++) say(server, data(3, 65_535));
    expect(server.ended).toEqual([]);
    say(server, data(3, 5));
    expect(server.ended).toEqual([new MuxWindowError(3, 1)]);
  });

  test('a flood of streams over the limit', () => {
    const server = new OurEnd({ role: 'server', maxStreams: 1 });
    for (let id = 1; id <= 1025; id++) say(server, { kind: 'syn', id });
    expect(server.ended).toEqual([]);
    say(server, { kind: 'syn', id: 1026 });
    expect(server.ended).toEqual([new MuxFloodError(1024)]);
  });

  test('an end within a frame', () => {
    const server = new OurEnd({ role: 'server' });
    server.input(fromHex('02020500030000006869'));
    server.session.inputEnded();
    expect(server.ended).toEqual([new MuxTruncatedError(10)]);
  });

  test('what smux takes is none: empty data, ids of the wrong parity, a second SYN, frames of unknown streams', () => {
    const server = new OurEnd({ role: 'server' });
    say(server, data(3, 0), { kind: 'syn', id: 4 }, { kind: 'syn', id: 4 }, data(9, 1000), { kind: 'fin', id: 9 });
    say(server, { kind: 'upd', id: 9, consumed: 5, window: 5 }, { kind: 'nop', id: 77 });
    expect([server.ended, server.accepted.length, server.session.unread]).toEqual([[], 1, 0]);
  });
});
