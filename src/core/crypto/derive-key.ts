// From a password to a key, as kcptun does it.

import { sha1 } from '@noble/hashes/legacy.js';
import { pbkdf2 } from '@noble/hashes/pbkdf2.js';
import { checkOptions, type OptionNames } from '../../check.ts';
import { OptionError } from '../../errors.ts';

/** How a key is derived. The defaults are kcptun's. */
export interface DeriveKeyOptions {
  /** Text (as UTF-8) or bytes. Default `kcp-go`. */
  readonly salt?: string | Uint8Array;
  /** Default 4096. An integer of at least 1. */
  readonly iterations?: number;
  /** Bytes of the key. Default 32. An integer of at least 1. */
  readonly length?: number;
}

const NAMES: OptionNames<DeriveKeyOptions> = { salt: true, iterations: true, length: true };

/**
 * PBKDF2-HMAC-SHA1 (RFC 8018) of a password. Takes some milliseconds, and blocks for as long: derive once, keep the key.
 *
 * 4096 rounds of SHA-1 slow a guesser down little, and the default salt is the same for everyone: it is there to
 * talk to kcptun. A key of random bytes needs no derivation and cannot be guessed.
 *
 * A cipher accepts only keys of its length. kcptun derives 32 bytes and cuts them to what the cipher needs:
 *
 * @example
 * const cipher = aes256(deriveKey('it is a secret'));
 * const shorter = aes128(deriveKey('it is a secret').subarray(0, 16));
 *
 * @param password text (as UTF-8) or bytes.
 * @throws OptionError naming `iterations` or `length`.
 * @see kcptun client/main.go
 */
export function deriveKey(password: string | Uint8Array, options: DeriveKeyOptions = {}): Uint8Array {
  checkOptions(options, NAMES);
  const { salt = 'kcp-go', iterations = 4096, length = 32 } = options;
  for (const [name, value] of Object.entries({ iterations, length })) {
    if (!Number.isSafeInteger(value) || value < 1) throw new OptionError(name, value, 'an integer of at least 1');
  }
  return pbkdf2(sha1, bytesOf(password), bytesOf(salt), { c: iterations, dkLen: length });
}

function bytesOf(text: string | Uint8Array): Uint8Array {
  return typeof text === 'string' ? new TextEncoder().encode(text) : text;
}
