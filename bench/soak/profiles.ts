// What sessions of a soak are made with: four sets of options, which both ends know by name.

import { aes256, aesGcm, type Cipher, deriveKey, type SessionOptions, salsa20 } from 'rxkcp';

export const PROFILES = ['plain', 'gcm-fec', 'salsa', 'aes-fec'] as const;
export type Profile = (typeof PROFILES)[number];
export type Ports = Readonly<Record<Profile, number>>;

export const PASSWORD = 'a soak has no secrets';
/** Packets of data and of parity. */
const FEC = { data: 10, parity: 3 };
/** Segments: room for two messages of 255 fragments. */
export const WINDOW = 512;

/**
 * Transmissions, 30 ms more apart each time on the quickest paths: they die after 13 s, which no busy machine takes for an outage, and
 * before `idleTimeout` is over.
 */
const DEAD_LINK = 40;

const STREAMS: readonly Profile[] = ['salsa', 'aes-fec'];
const PROTECTED: readonly Profile[] = ['gcm-fec', 'aes-fec'];
const MODES = { plain: 'fast3', 'gcm-fec': 'fast2', salsa: 'fast3', 'aes-fec': 'fast' } as const;

const ciphers = new Map<Profile, Cipher | undefined>();

/** Made when it is needed: the first one loads the addon. */
function cipherOf(profile: Profile): Cipher | undefined {
  if (!ciphers.has(profile)) {
    const key = deriveKey(PASSWORD);
    const make = { plain: undefined, 'gcm-fec': aesGcm, salsa: salsa20, 'aes-fec': aes256 }[profile];
    ciphers.set(profile, make?.(key));
  }
  return ciphers.get(profile);
}

/** @param idleTimeout ms. */
export function optionsOf(profile: Profile, idleTimeout: number): SessionOptions {
  return {
    mode: MODES[profile],
    cipher: cipherOf(profile),
    fec: hasFec(profile) ? FEC : undefined,
    stream: !keepsBorders(profile),
    sendWindow: WINDOW,
    receiveWindow: WINDOW,
    deadLink: DEAD_LINK,
    idleTimeout,
  };
}

/** Whether the profile keeps message boundaries. */
export const keepsBorders = (profile: Profile): boolean => !STREAMS.includes(profile);

export const hasFec = (profile: Profile): boolean => PROTECTED.includes(profile);
