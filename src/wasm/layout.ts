// Where things lie in the kernel's memory, in bytes: what assembly/layout.ts says to AssemblyScript.

/** Key of the stream cipher, first keystream block of a CFB cipher, or pad of the xor cipher. */
export const KEY_AT = 20_480;
export const KEY_BYTES = 2048;
/** Lengths of the datagrams of a burst, in bytes: i32. */
export const LENGTHS_AT = 24_576;
/** Their nonces, 16 bytes each. */
export const NONCES_AT = 28_672;
/** S-boxes and subkeys of Triple DES. */
export const DES_AT = 32_768;
/** Datagrams that one call takes at most. */
export const MAX_DATAGRAMS = 256;
/** The datagrams themselves, each on a multiple of 16. */
export const DATAGRAMS_AT = 65_536;
export const DATAGRAMS_BYTES = 131_072;
/** Keystream of the datagrams: as far from STREAM_AT as its byte is from DATAGRAMS_AT. */
export const STREAM_AT = 196_608;

/** GHASH tables of H, H², H⁴, H⁸ and H¹⁶. */
export const GHASH_TABLES_AT = 333_824;
export const GHASH_TABLE_BYTES = 8192;

/** What a datagram of `length` bytes takes of DATAGRAMS_BYTES. */
export const room = (length: number): number => (length + 15) & ~15;
