// The ciphers of kcp-go: what a user makes them with, what keys they take, what each is good for.
//
// What none of them does: hide how long and how frequent packets are, or stop a recorded datagram from being sent again.
// KCP ignores segments it has seen within a conversation; nothing else is remembered.

import { fastCipher } from '#fast-ciphers';
import { systemRandom } from '../../bytes/random.ts';
import { checkOptions, requireBoolean, requireFunction } from '../../check.ts';
import { KeyLengthError, OptionError } from '../../errors.ts';
import { AesBlock } from './aes.ts';
import { aesGcmAead } from './aes-gcm.ts';
import { BlowfishBlock } from './blowfish.ts';
import { Cast5Block } from './cast5.ts';
import { chacha20Poly1305Aead } from './chacha20-poly1305.ts';
import type { Cipher } from './cipher.ts';
import {
  type KernelTransformOf,
  kernelNone,
  kernelSalsa20,
  kernelSm4,
  kernelTripleDes,
  kernelXor,
} from './kernel-ciphers.ts';
import { withForOneEnd } from './one-end.ts';
import { CIPHER_NAMES, type CipherOptions } from './options.ts';
import { type PortableCipher, portableAead, portableCfb, portablePlain } from './portable.ts';
import { Salsa20Transform } from './salsa20.ts';
import { AEAD_NAMES, type AeadOptions, withSealLimit } from './seal-limit.ts';
import { Sm4Block } from './sm4.ts';
import { TeaBlock } from './tea.ts';
import { TripleDesBlock } from './triple-des.ts';
import { TwofishBlock } from './twofish.ts';
import { IdentityTransform, XorTransform, xorPad } from './xor.ts';
import { XteaBlock } from './xtea.ts';

/**
 * AES-GCM (NIST SP 800-38D), kcp-go's `NewAESGCMCrypt`. **The one to choose** when both ends can: encrypts *and* tells a
 * packet that anyone without the key made or changed. Adds 28 bytes per packet.
 *
 * Limit: nonces are 12 random bytes, and two packets with the same nonce give away what they carry and the means to forge.
 * NIST allows 2^32 packets a key (chance of a repeat 2^-33), counted over all ends that seal with it; with 1400-byte packets
 * that is 6 TB. `onSealLimit` tells in time. On Node it is the addon's, or AES is OpenSSL's and the rest
 * WebAssembly's, in time that depends on nothing but lengths; the portable one works by table look-ups, whose time
 * depends on the key through the cache.
 *
 * @param key 16, 24 or 32 bytes, for AES-128, -192 or -256; not kept.
 * @throws KeyLengthError
 */
export function aesGcm(key: Uint8Array, options: AeadOptions = {}): Cipher {
  const own = checkedCopy('aes-gcm', key, AES_LENGTHS, '16, 24 or 32 bytes');
  const name = GCM_NAMES[own.length]!;
  return finished(make(name, own, portableAead(aesGcmAead), options, undefined, AEAD_NAMES), options);
}

/**
 * ChaCha20-Poly1305 (RFC 8439), as kcp-go's `NewAEADCrypt(chacha20poly1305.New(key))`. As good as AES-GCM, the same 28 bytes
 * and the same limit of 2^32 packets a key, and its time depends on nothing but lengths, also in plain JavaScript: the one
 * to choose in a browser. kcptun does not offer it.
 *
 * @param key 32 bytes; not kept.
 * @throws KeyLengthError
 */
export function chacha20Poly1305(key: Uint8Array, options: AeadOptions = {}): Cipher {
  const own = checkedCopy('chacha20-poly1305', key, [32], '32 bytes');
  return finished(
    make('chacha20-poly1305', own, portableAead(chacha20Poly1305Aead), options, undefined, AEAD_NAMES),
    options,
  );
}

/** An AEAD with a nonce of 12 bytes, as its user gets it. */
function finished(cipher: Cipher, options: AeadOptions): Cipher {
  return withForOneEnd(withSealLimit(cipher, options), 12, options);
}

/**
 * AES-128 in CFB mode with a CRC-32; kcptun's `aes-128`. Adds 20 bytes per packet.
 *
 * **Keeps secrets, but proves nothing**, as all ciphers below: CRC-32 is no authentication. It catches accidents. Whoever changes a datagram
 * on purpose succeeds every time, without the key and without knowing what is in it: CFB passes a change of the last block on to the packet, and
 * CRC-32 is linear, so that a change can be chosen which leaves it right. Where there is a choice, choose {@link aesGcm}.
 *
 * The IV is fixed; what differs from packet to packet is 16 random bytes at the front, which encrypt to 16 random bytes: enough
 * for 2^64 packets before a repeat is likely.
 *
 * @param key 16 bytes; not kept. From a password as kcptun does: `deriveKey(password).subarray(0, 16)`.
 * @throws KeyLengthError
 */
export function aes128(key: Uint8Array, options?: CipherOptions): Cipher {
  return make('aes-128', checkedCopy('aes-128', key, [16], '16 bytes'), portableCfb(AesBlock), options);
}

/**
 * AES-192 in CFB mode with a CRC-32; kcptun's `aes-192`. No authentication: see {@link aes128}.
 *
 * @param key 24 bytes; not kept. From a password as kcptun does: `deriveKey(password).subarray(0, 24)`.
 * @throws KeyLengthError
 */
export function aes192(key: Uint8Array, options?: CipherOptions): Cipher {
  return make('aes-192', checkedCopy('aes-192', key, [24], '24 bytes'), portableCfb(AesBlock), options);
}

/**
 * AES-256 in CFB mode with a CRC-32; kcptun's `aes`, its default. No authentication: see {@link aes128}.
 *
 * @param key 32 bytes; not kept. From a password as kcptun does: `deriveKey(password)`.
 * @throws KeyLengthError
 */
export function aes256(key: Uint8Array, options?: CipherOptions): Cipher {
  return make('aes', checkedCopy('aes', key, [32], '32 bytes'), portableCfb(AesBlock), options);
}

/**
 * SM4, the Chinese standard block cipher (GB/T 32907), in CFB mode with a CRC-32. No authentication: see {@link aes128}.
 *
 * @param key 16 bytes; not kept. From a password as kcptun does: `deriveKey(password).subarray(0, 16)`.
 * @throws KeyLengthError
 */
export function sm4(key: Uint8Array, options?: CipherOptions): Cipher {
  return make('sm4', checkedCopy('sm4', key, [16], '16 bytes'), portableCfb(Sm4Block), options, kernelSm4);
}

/**
 * Twofish in CFB mode with a CRC-32. No authentication: see {@link aes128}. Unbroken, little used.
 *
 * @param key 16, 24 or 32 bytes (kcptun: 32); not kept.
 * @throws KeyLengthError
 */
export function twofish(key: Uint8Array, options?: CipherOptions): Cipher {
  return make(
    'twofish',
    checkedCopy('twofish', key, AES_LENGTHS, '16, 24 or 32 bytes'),
    portableCfb(TwofishBlock),
    options,
  );
}

/**
 * Triple DES in CFB mode with a CRC-32; kcptun's `3des`. For old peers only: slow, withdrawn by NIST at the end of 2023.
 *
 * No authentication: see {@link aes128}. **Blocks of 8 bytes**, as Blowfish, CAST-128, TEA and XTEA have: by the birthday
 * bound, two of 2^32 blocks are likely to be equal (32 GB of traffic, 24 million packets), and in CFB mode equal
 * blocks give away the XOR of what follows them (K. Bhargavan, G. Leurent: Sweet32, 2016). Change the key long before: NIST
 * allowed 2^20 blocks, 8 MB.
 *
 * @param key 24 bytes, in three parts of 8, of which the lowest bit of each byte is ignored; not kept. From a password
 * as kcptun does: `deriveKey(password).subarray(0, 24)`.
 * @throws KeyLengthError
 */
export function tripleDes(key: Uint8Array, options?: CipherOptions): Cipher {
  return make(
    '3des',
    checkedCopy('3des', key, [24], '24 bytes'),
    portableCfb(TripleDesBlock),
    options,
    kernelTripleDes,
  );
}

/**
 * Blowfish in CFB mode with a CRC-32. No authentication, and blocks of 8 bytes: see {@link aes128}, {@link tripleDes}.
 * Making the first in a process takes about 10 ms warm, up to 30 cold, for its tables are computed; others take 0.1 ms.
 *
 * @param key 1 to 56 bytes (kcptun: 32); not kept.
 * @throws KeyLengthError
 */
export function blowfish(key: Uint8Array, options?: CipherOptions): Cipher {
  const lengths = Array.from({ length: 56 }, (_, i) => i + 1);
  return make('blowfish', checkedCopy('blowfish', key, lengths, '1 to 56 bytes'), portableCfb(BlowfishBlock), options);
}

/**
 * CAST-128 in CFB mode with a CRC-32. No authentication, and blocks of 8 bytes: see {@link aes128}, {@link tripleDes}.
 *
 * @param key 16 bytes; not kept. From a password as kcptun does: `deriveKey(password).subarray(0, 16)`.
 * @throws KeyLengthError
 */
export function cast5(key: Uint8Array, options?: CipherOptions): Cipher {
  return make('cast5', checkedCopy('cast5', key, [16], '16 bytes'), portableCfb(Cast5Block), options);
}

/**
 * TEA in CFB mode with a CRC-32. **Weak**: kcp-go has 8 cycles of it, where the paper has 32; three other keys do the same as
 * each. No authentication, and blocks of 8 bytes: see {@link aes128}, {@link tripleDes}.
 *
 * @param key 16 bytes; not kept. From a password as kcptun does: `deriveKey(password).subarray(0, 16)`.
 * @throws KeyLengthError
 */
export function tea(key: Uint8Array, options?: CipherOptions): Cipher {
  return make('tea', checkedCopy('tea', key, [16], '16 bytes'), portableCfb(TeaBlock), options);
}

/**
 * XTEA in CFB mode with a CRC-32. No authentication, and blocks of 8 bytes: see {@link aes128}, {@link tripleDes}.
 *
 * @param key 16 bytes; not kept. From a password as kcptun does: `deriveKey(password).subarray(0, 16)`.
 * @throws KeyLengthError
 */
export function xtea(key: Uint8Array, options?: CipherOptions): Cipher {
  return make('xtea', checkedCopy('xtea', key, [16], '16 bytes'), portableCfb(XteaBlock), options);
}

/**
 * Salsa20 with a CRC-32. No authentication, and easier to forge than CFB: a bit flipped in the datagram is that bit flipped
 * in the packet, and CRC-32 is linear, so it can be mended without the key. The first 8 bytes are the nonce, random
 * and in clear: after 2^32 packets of a key a repeat is likely, and gives away the XOR of two packets; keep well below.
 *
 * @param key 32 bytes; not kept.
 * @throws KeyLengthError
 */
export function salsa20(key: Uint8Array, options?: CipherOptions): Cipher {
  return make(
    'salsa20',
    checkedCopy('salsa20', key, [32], '32 bytes'),
    portablePlain(Salsa20Transform),
    options,
    kernelSalsa20,
  );
}

/**
 * XOR with one table made of the key, and a CRC-32. **Not encryption**: packets whose beginnings are
 * known, as KCP's are, give the table away. It hides traffic from filters, not from people.
 *
 * @param key any number of bytes; not kept.
 */
export function xor(key: Uint8Array, options?: CipherOptions): Cipher {
  return make('xor', xorPad(checkedBytes(key)), portablePlain(XorTransform), options, kernelXor);
}

/**
 * Nonce and CRC-32, no encryption: kcptun's `none`. (No 20 bytes of header at all, kcptun's `null`, is to use no cipher.)
 *
 * @param _key not used; there so that all ciphers are made alike.
 */
export function none(_key?: Uint8Array, options?: CipherOptions): Cipher {
  return make('none', new Uint8Array(0), portablePlain(IdentityTransform), options, kernelNone);
}

const AES_LENGTHS = [16, 24, 32];
const GCM_NAMES: Readonly<Record<number, string>> = { 16: 'aes-128-gcm', 24: 'aes-192-gcm', 32: 'aes-256-gcm' };

/** Each factory brings its own portable implementation, so that a bundle has no others. `key` is the cipher's from now on. */
function make(
  name: string,
  key: Uint8Array,
  portableCipher: PortableCipher,
  options: CipherOptions = {},
  kernel?: KernelTransformOf,
  names: Readonly<Record<string, unknown>> = CIPHER_NAMES,
): Cipher {
  checkOptions(options, names);
  const { random = systemRandom, portable = false } = options;
  requireFunction('random', random);
  requireBoolean('portable', portable);
  return (portable ? undefined : fastCipher(name, key, random, kernel)) ?? portableCipher(name, key, random);
}

/** A copy, so that later changes by the caller have no effect. */
function checkedCopy(cipher: string, key: Uint8Array, lengths: readonly number[], allowed: string): Uint8Array {
  checkedBytes(key);
  if (!lengths.includes(key.length)) throw new KeyLengthError(cipher, allowed, key.length);
  return Uint8Array.from(key);
}

function checkedBytes(key: Uint8Array): Uint8Array {
  // A password in place of a key must not show up in an error.
  if (!(key instanceof Uint8Array))
    throw new OptionError('key', typeof key, 'a Uint8Array; see deriveKey for passwords');
  return key;
}
