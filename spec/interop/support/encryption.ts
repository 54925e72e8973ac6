// The same cipher for either implementation.

import * as rxkcp from 'rxkcp';
import { type CipherName, KEY_BYTES, makeCipher } from '../../support/ciphers.ts';
import { Pattern } from './pattern.ts';

export interface Encryption {
  readonly name: CipherName;
  readonly key: Uint8Array;
}

export function encryption(name: CipherName, seed: number): Encryption {
  return { name, key: new Pattern(seed).take(KEY_BYTES[name]) };
}

/** For `connect` and `listen`. */
export function ourCipher({ name, key }: Encryption): { cipher: rxkcp.Cipher } {
  return { cipher: makeCipher(rxkcp, name, key) };
}

/** For the kcp-go peer. */
export function goCrypt({ name, key }: Encryption): string[] {
  return ['-crypt', name, '-key', Buffer.from(key).toString('hex')];
}
