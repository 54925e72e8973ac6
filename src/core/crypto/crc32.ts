// CRC-32 of IEEE 802.3 (reflected polynomial edb88320), eight bytes a step (M. Kounavis, F. Berry: Novel Table
// Lookup-Based Algorithms for High-Performance CRC Generation, 2008).

/** The CRC-32 of `bytes`, unsigned. */
export type Crc32 = (bytes: Uint8Array) => number;

const POLYNOMIAL = 0xedb88320;

let tables: Int32Array | undefined;

/** The CRC-32 of `bytes`, in plain JavaScript. `crc32('123456789')` is cbf43926. */
export function crc32(bytes: Uint8Array): number {
  tables ??= makeTables();
  const t = tables;
  const length = bytes.length;
  let crc = -1;
  let i = 0;
  for (; i + 8 <= length; i += 8) {
    crc ^= bytes[i]! | (bytes[i + 1]! << 8) | (bytes[i + 2]! << 16) | (bytes[i + 3]! << 24);
    crc =
      t[1792 + (crc & 255)]! ^
      t[1536 + ((crc >>> 8) & 255)]! ^
      t[1280 + ((crc >>> 16) & 255)]! ^
      t[1024 + (crc >>> 24)]! ^
      t[768 + bytes[i + 4]!]! ^
      t[512 + bytes[i + 5]!]! ^
      t[256 + bytes[i + 6]!]! ^
      t[bytes[i + 7]!]!;
  }
  for (; i < length; i++) crc = (crc >>> 8) ^ t[(crc ^ bytes[i]!) & 255]!;
  return ~crc >>> 0;
}

/** Table n, at 256 n: the CRC of each byte with n zero bytes after it. 8 KiB. */
function makeTables(): Int32Array {
  const t = new Int32Array(8 * 256);
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? POLYNOMIAL : 0);
    t[byte] = crc;
  }
  for (let i = 256; i < t.length; i++) t[i] = (t[i - 256]! >>> 8) ^ t[t[i - 256]! & 255]!;
  return t;
}
