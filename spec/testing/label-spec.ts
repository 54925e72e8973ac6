import { label, labeller } from 'rxkcp/testing';
import { expect, test } from 'vitest';
import { ack, packet, push, wask, wins } from '../support/marbles.ts';

const u16 = (value: number): number[] => [value & 255, value >> 8];
const u32 = (value: number): number[] => [...u16(value & 0xffff), ...u16(value >>> 16)];
const bytes = (...parts: (number[] | Uint8Array)[]): Uint8Array => Uint8Array.from(parts.flatMap((part) => [...part]));

test('a packet is labelled segment by segment', () => {
  expect(label(push(3, 'hello', { una: 2 }))).toBe('PUSH sn=3 frg=0 una=2 wnd=128 len=5');
  expect(label(packet({ sn: 0xffff_ffff, frg: 2, data: 'x' }, { cmd: 82, sn: 7 }))).toBe(
    'PUSH sn=4294967295 frg=2 una=0 wnd=128 len=1, ACK sn=7 frg=0 una=0 wnd=128 len=0',
  );
});

test('a label names the fields asked for, in that order', () => {
  expect(labeller('ts', 'sn')(ack(4, 0xffff_fff0, 0))).toBe('ACK ts=4294967280 sn=4');
  expect([wask(), wins(0)].map(labeller('wnd'))).toEqual(['WASK wnd=128', 'WINS wnd=0']);
  expect(labeller()(push(1, 'x'))).toBe('PUSH');
});

test('FEC and out-of-band datagrams are labelled with what they carry', () => {
  const inner = push(3, 'hello');
  const data = bytes(u32(5), u16(0xf1), u16(inner.length + 2), inner);
  expect(label(data)).toBe('DATA seqid=5 [PUSH sn=3 frg=0 una=0 wnd=128 len=5]');
  expect(label(bytes(u32(12), u16(0xf2), new Uint8Array(31)))).toBe('PARITY seqid=12 len=31');
  expect(label(bytes(u32(0xffff_ffff), u16(0xf3), u16(2 + 4 + 5), u32(9), new Uint8Array(5)))).toBe('OOB conv=9 len=5');
});

test('what is broken or sealed is labelled all the same', () => {
  expect(label(new Uint8Array(0))).toBe('0 bytes');
  expect(label(new Uint8Array(47))).toBe('47 bytes');
  expect(label(push(3, 'hello').subarray(0, 26))).toBe('PUSH sn=3 frg=0 una=0 wnd=128 len=5 (cut off after 2)');
  expect(label(bytes(push(3, 'hello'), [1, 2, 3]))).toBe('PUSH sn=3 frg=0 una=0 wnd=128 len=5, 3 bytes');
  expect(label(bytes(u32(5), u16(0xf1), u16(99), new Uint8Array(9)))).toBe('FEC seqid=5 (size 99 of 17 bytes)');
  expect(label(bytes(u32(5), u16(0xf3), u16(3), [0]))).toBe('OOB (1 bytes)');
  for (let length = 0; length < 40; length++) expect(label(new Uint8Array(length).fill(0xf1))).toBeTypeOf('string');
});
