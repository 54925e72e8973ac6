// Windows and turns of smux.

import type { StreamEnd } from 'rxkcp/core';
import { describe, expect, test } from 'vitest';
import { OurEnd } from '../../support/mux-ends.ts';
import { data, KiB, say, sent } from '../../support/mux-words.ts';

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
