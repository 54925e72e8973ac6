import {
  MuxCommandError,
  MuxConsumedError,
  MuxFloodError,
  MuxFrameLengthError,
  MuxIdsExhaustedError,
  MuxKeepAliveError,
  MuxPeerClosedError,
  MuxSession,
  MuxStreamLimitError,
  MuxTruncatedError,
  MuxVersionError,
  MuxWindowError,
} from 'rxkcp/core';
import { describe, expect, test } from 'vitest';
import { fromHex } from '../../support/hex.ts';
import { OurEnd } from '../../support/mux-ends.ts';
import { data, ends, KiB, say, sent } from '../../support/mux-words.ts';

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
