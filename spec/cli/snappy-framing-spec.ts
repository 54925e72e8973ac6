import { describe, expect, test } from 'vitest';
import { crc32c } from '../../cli/tunnel/crc32c.ts';
import { SnappyDecoder, SnappyError, STREAM_IDENTIFIER, snappyChunk } from '../../cli/tunnel/snappy-framing.ts';
import { fromHex, toHex } from '../support/hex.ts';
import { text, words } from '../support/marbles.ts';
import { bytes, seeded } from '../support/random.ts';

const all = (decoder: SnappyDecoder, chunk: Uint8Array): Uint8Array =>
  new Uint8Array(Buffer.concat([...decoder.decode(chunk)]));

test('CRC-32C of the check string (RFC 3720, appendix B.4, and the catalogue of CRCs)', () => {
  expect(crc32c(text('123456789'))).toBe(0xe3069283);
  expect(crc32c(new Uint8Array(32))).toBe(0x8a9136aa);
  expect(crc32c(new Uint8Array(32).fill(0xff))).toBe(0x62a8ab43);
});

describe('the framing format of snappy', () => {
  test('begins with its identifier', () => {
    expect(toHex(STREAM_IDENTIFIER)).toBe('ff060000734e61507059');
  });

  test('carries data, wherever it is cut', () => {
    const random = seeded(1);
    const data = [bytes(random, 1), bytes(random, 5000), new Uint8Array(65_536), text('abc'.repeat(1000))];
    const stream = Buffer.concat([STREAM_IDENTIFIER, ...data.flatMap((one) => snappyChunk(one))]);
    for (const size of [1, 7, 4096, stream.length]) {
      const decoder = new SnappyDecoder();
      const read: Uint8Array[] = [];
      for (let at = 0; at < stream.length; at += size) read.push(...decoder.decode(stream.subarray(at, at + size)));
      expect(Buffer.concat(read).equals(Buffer.concat(data)), `pieces of ${size}`).toBe(true);
    }
  });

  test('compresses only what becomes an eighth shorter', () => {
    expect(snappyChunk(new Uint8Array(1000))[0]![0]).toBe(0);
    expect(snappyChunk(bytes(seeded(2), 1000))[0]![0]).toBe(1);
  });

  test('skips padding, and chunks that may be skipped', () => {
    const decoder = new SnappyDecoder();
    const padding = fromHex('fe020000aaaa80010000bb');
    expect(words(all(decoder, Buffer.concat([STREAM_IDENTIFIER, padding, ...snappyChunk(text('data'))])))).toBe('data');
  });

  test.each([
    ['no identifier', '01050000000000000061'],
    ['another identifier', 'ff060000734e61507058'],
    ['a wrong checksum', 'ff060000734e6150705901050000000000ff61'],
    ['an unknown chunk', 'ff060000734e6150705902000000'],
    ['a chunk without a checksum', 'ff060000734e615070590101000000'],
    ['a chunk that is too long', 'ff060000734e6150705900ffffff'],
    ['no snappy', 'ff060000734e615070590006000000000000ffff'],
  ])('%s is refused', (_name, hex) => {
    expect(() => all(new SnappyDecoder(), fromHex(hex))).toThrow(SnappyError);
  });
});
