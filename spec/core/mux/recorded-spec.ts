// Frames that smux v1.5.58 has sent: a client opens stream 3 and writes `hello`, the server reads 3 and 2 bytes, the client half-closes,
// the server answers `answer` and closes.

import { encodeMuxFrame, type MuxFrame, MuxFrameDecoder } from 'rxkcp/core';
import { describe, expect, test } from 'vitest';
import { fromHex, toHex } from '../../support/hex.ts';
import { text, words } from '../../support/marbles.ts';
import { OurEnd } from '../../support/mux-ends.ts';

const HELLO = toHex(text('hello'));
const ANSWER = toHex(text('answer'));
const SYN = (version: number): string => `0${version}00000003000000`;
const FIN = (version: number): string => `0${version}01000003000000`;
const hello = (version: number): string => `0${version}02050003000000${HELLO}`;
const answer = (version: number): string => `0${version}02060003000000${ANSWER}`;
const FIRST_READ = '02040800030000000300000000000100';
const ANSWER_READ = '02040800030000000600000000000100';
/** The buffer of a stream that the recorded ends had, the default of smux. */
const RECORDED = { maxStreamBuffer: 65_536 } as const;

describe.each([1, 2] as const)('the recorded conversation in version %i', (version) => {
  test('a client sends the same', () => {
    const client = new OurEnd({ role: 'client', version, ...RECORDED });
    const stream = client.session.open(1);
    client.session.write(stream, text('hello'));
    expect(toHex(client.output())).toBe(SYN(version) + hello(version));
    client.session.finish(stream);
    expect(toHex(client.output())).toBe(FIN(version));
    client.input(fromHex(answer(version)));
    expect(words(client.read(stream))).toBe('answer');
    expect(toHex(client.output())).toBe(version === 1 ? '' : ANSWER_READ);
    client.input(fromHex(FIN(version)));
    expect([client.session.streams.size, stream.isOver]).toEqual([0, true]);
  });

  test('a server sends the same', () => {
    const server = new OurEnd({ role: 'server', version, ...RECORDED });
    server.input(fromHex(SYN(version) + hello(version)));
    const stream = server.accepted[0]!;
    expect(words(server.read(stream, 3))).toBe('hel');
    expect(toHex(server.output())).toBe(version === 1 ? '' : FIRST_READ);
    expect(words(server.read(stream, 2))).toBe('lo');
    server.input(fromHex(FIN(version)));
    server.session.write(stream, text('answer'));
    server.session.close(stream, 0);
    expect(toHex(server.output())).toBe(answer(version) + FIN(version));
    expect(server.session.streams.size).toBe(0);
  });
});

describe('the codec', () => {
  const FRAMES: readonly (readonly [string, 1 | 2, MuxFrame])[] = [
    [SYN(1), 1, { kind: 'syn', id: 3 }],
    [hello(1), 1, { kind: 'psh', id: 3, data: text('hello') }],
    [answer(2), 2, { kind: 'psh', id: 3, data: text('answer') }],
    [FIN(2), 2, { kind: 'fin', id: 3 }],
    [FIRST_READ, 2, { kind: 'upd', id: 3, consumed: 3, window: 65_536 }],
    ['0103000000000000', 1, { kind: 'nop', id: 0 }],
    ['02000000ffffffff', 2, { kind: 'syn', id: 0xffff_ffff }],
  ];

  test.each(FRAMES)('%s', (hex, version, frame) => {
    expect(toHex(encodeMuxFrame(frame, version))).toBe(hex);
    expect([...new MuxFrameDecoder(version).decode(fromHex(hex))]).toEqual([frame]);
  });
});
