// Where things lie in the kernel's memory, in bytes. ../layout.ts says the same to TypeScript.

/** CRC-32 tables: 16 × 256 words. */
export const CRC_TABLES: usize = 4096;
/** What CRC-32 folds by: 8 tables of 16 bytes. */
export const FOLD_TABLES: usize = 3072;
/** Key of the stream cipher, or pad of the xor cipher: up to 2 KiB. */
export const KEY: usize = 20_480;
/** 256 bytes of keystream for the last, partial group of blocks. */
export const SCRATCH: usize = 22_528;
/** Lengths of the datagrams of the burst, in bytes: 256 i32. */
export const LENGTHS: usize = 24_576;
/** A 16-byte nonce for each datagram of the burst: 256 of them. */
export const NONCES: usize = 28_672;
/** Tables and subkeys of Triple DES: 2432 bytes. */
export const DES: usize = 32_768;
/** The datagrams, one behind the other, each on a multiple of 16. */
export const DATAGRAMS: usize = 65_536;
/** The keystream of byte i of DATAGRAMS is byte i of STREAM. */
export const STREAM: usize = 196_608;

/** What CRC-32 remembers of bytes gone: 4 KiB and 176 bytes, with 300 zeros in front. */
export const HISTORY: usize = 328_192;
export const HISTORY_BYTES: i32 = 4096;
/** What it has still to sum up: 320 bytes. */
export const REST: usize = 332_480;

/** GHASH tables: of H, H², H⁴, H⁸ and H¹⁶, 8 KiB each. */
export const GHASH_TABLES: usize = 333_824;
/** State of GCM: 2 KiB, of which 16 bytes are always zero. */
export const GCM: usize = 374_784;

/** Bytes in front of the packet: nonce and checksum (wire.md, section 1). */
export const NONCE_BYTES: i32 = 16;
export const HEADER_BYTES: i32 = 20;

/** The place of the next datagram. */
// @ts-expect-error: decorator
@inline
export function nextAfter(datagram: usize, length: i32): usize {
  return datagram + (((<usize>length) + 15) & ~15);
}
