// The ciphers of the addon (native/src/crypto) as JavaScript sees them, and the ciphers of rxkcp that they stand for.

import { loadAddon, say } from '../../../native/load.ts';
import { type BlockCipher, readWord, writeWord } from '../block-cipher.ts';
import { BlowfishBlock } from '../blowfish.ts';
import { Cast5Block } from '../cast5.ts';
import { CFB_IV } from '../cfb.ts';
import { TeaBlock } from '../tea.ts';
import { desBoxes, TripleDesBlock, tripleDesSubkeys } from '../triple-des.ts';
import { TwofishBlock } from '../twofish.ts';
import { XteaBlock } from '../xtea.ts';

declare const HANDLE: unique symbol;
/** A cipher of the addon's with its key; anything else in its place is a TypeError. The key is wiped when the handle is collected. */
export type CipherHandle = { readonly [HANDLE]: true };

/** What native/src/crypto/cipher.c exports. */
export interface CipherAddon {
  /** Memory that a burst is described in, for as long as a call takes: see the constants below. */
  cipherMemory(): ArrayBuffer;
  /** Undefined when this processor does not have the instructions, or the key is none for this kind. */
  cipher(kind: number, key: Uint8Array): CipherHandle | undefined;
  /**
   * From packets in `source`, at the offsets in the memory, to datagrams in `target`, one behind the other from `place` on, of the
   * lengths and with the nonces in the memory. Source and target do not overlap. Returns `count`, or -1 when something does not fit,
   * and nothing was done.
   */
  seal(handle: CipherHandle, source: ArrayBuffer, target: Uint8Array, place: number, count: number): number;
  /**
   * The same from datagrams to headers with packets; without a `target` where they are, in the source. Returns how many datagrams are
   * intact; the lengths of the others are negated.
   */
  open(handle: CipherHandle, source: ArrayBuffer, target: Uint8Array | undefined, place: number, count: number): number;
}

/** Datagrams that one call takes at most. */
export const MAX_DATAGRAMS = 256;
/** In the memory: the lengths of datagrams, i32; where in the source they, or their packets, are, u32; nonces; room for a source. */
export const LENGTHS_AT = 0;
export const OFFSETS_AT = 4 * MAX_DATAGRAMS;
export const NONCES_AT = 8 * MAX_DATAGRAMS;
export const DATAGRAMS_AT = NONCES_AT + 16 * MAX_DATAGRAMS;
export const DATAGRAMS_BYTES = 131_072;

/** The numbers of cipher.c. */
const NONE = 0;
const XOR = 1;
const AES_CFB = 2;
const AES_GCM = 3;
const SALSA20 = 4;
const TRIPLE_DES = 5;
const CHACHA20_POLY1305 = 6;
const TEA = 7;
const XTEA = 8;
const BLOWFISH = 9;
const CAST5 = 10;
const TWOFISH = 11;

const KINDS: Readonly<Record<string, readonly [kind: number, keyBytes: number | undefined]>> = {
  none: [NONE, undefined],
  xor: [XOR, undefined],
  'aes-128': [AES_CFB, 16],
  'aes-192': [AES_CFB, 24],
  aes: [AES_CFB, 32],
  'aes-128-gcm': [AES_GCM, 16],
  'aes-192-gcm': [AES_GCM, 24],
  'aes-256-gcm': [AES_GCM, 32],
  salsa20: [SALSA20, 32],
  '3des': [TRIPLE_DES, 24],
  'chacha20-poly1305': [CHACHA20_POLY1305, 32],
  tea: [TEA, undefined],
  xtea: [XTEA, undefined],
  blowfish: [BLOWFISH, undefined],
  cast5: [CAST5, undefined],
  twofish: [TWOFISH, undefined],
};

/** The addon's cipher `name`; undefined when it has none, or there is no addon. */
export function nativeHandle(
  name: string,
  key: Uint8Array,
): { readonly addon: CipherAddon; readonly handle: CipherHandle; readonly isAead: boolean } | undefined {
  const entry = Object.hasOwn(KINDS, name) ? KINDS[name] : undefined;
  if (entry === undefined) return undefined;
  const [kind, keyBytes] = entry;
  if (keyBytes !== undefined && keyBytes !== key.length) return undefined;
  const addon = loadAddon('ciphers', 'OpenSSL and WebAssembly') as CipherAddon | undefined;
  if (addon === undefined) return undefined;
  const handle = addon.cipher(kind, STATES[kind]?.(key) ?? key);
  if (handle === undefined) {
    say('ciphers', 'by OpenSSL and WebAssembly: the processor lacks instructions');
    return undefined;
  }
  say('ciphers', 'by the addon, as far as it has them');
  return { addon, handle, isAead: kind === AES_GCM || kind === CHACHA20_POLY1305 };
}

/** What the addon is given in place of a key. */
const STATES: Readonly<Record<number, (key: Uint8Array) => Uint8Array>> = {
  [TRIPLE_DES]: (key) => cfbState(new TripleDesBlock(key), desBoxes(), tripleDesSubkeys(key)),
  [TEA]: (key) => ofBlock(new TeaBlock(key)),
  [XTEA]: (key) => ofBlock(new XteaBlock(key)),
  [BLOWFISH]: (key) => ofBlock(new BlowfishBlock(key)),
  [CAST5]: (key) => ofBlock(new Cast5Block(key)),
  [TWOFISH]: (key) => ofBlock(new TwofishBlock(key)),
};

const ofBlock = (block: BlockCipher & { readonly tables: readonly Int32Array[] }): Uint8Array =>
  cfbState(block, ...block.tables);

/** Tables and the first block of keystream. */
function cfbState(block: BlockCipher, ...tables: readonly ArrayLike<number>[]): Uint8Array {
  const first = Int32Array.from({ length: 4 }, (_, i) => readWord(CFB_IV, 4 * i));
  block.encrypt(first);
  const words = Int32Array.from(tables.flatMap((table) => Array.from(table)));
  const state = new Uint8Array(4 * words.length + block.blockBytes);
  state.set(new Uint8Array(words.buffer));
  for (let at = 0; at < block.blockBytes; at += 4) writeWord(state, 4 * words.length + at, first[at / 4]!);
  return state;
}
