// What sessions of a soak are made with: four sets of options, which both ends know by name.

import { aes256, aesGcm, deriveKey, type SessionOptions, salsa20 } from 'rxkcp';

export const PROFILES = ['plain', 'gcm-fec', 'salsa', 'aes-fec'] as const;
export type Profile = (typeof PROFILES)[number];
export type Ports = Readonly<Record<Profile, number>>;

export const PASSWORD = 'a soak has no secrets';
/** Packets of data and of parity. */
const FEC = { data: 10, parity: 3 };
/** Segments: room for two messages of 255 fragments. */
export const WINDOW = 512;

const key = deriveKey(PASSWORD);
const OPTIONS = {
  plain: { mode: 'fast3' },
  'gcm-fec': { mode: 'fast2', cipher: aesGcm(key), fec: FEC },
  salsa: { mode: 'fast3', cipher: salsa20(key), stream: true },
  'aes-fec': { mode: 'fast', cipher: aes256(key), fec: FEC, stream: true },
} as const satisfies Record<Profile, SessionOptions>;

/** @param idleTimeout ms. */
export function optionsOf(profile: Profile, idleTimeout: number): SessionOptions {
  return { ...OPTIONS[profile], sendWindow: WINDOW, receiveWindow: WINDOW, idleTimeout };
}

/** Whether the profile keeps the borders of messages. */
export const keepsBorders = (profile: Profile): boolean => !('stream' in OPTIONS[profile]);

export const hasFec = (profile: Profile): boolean => 'fec' in OPTIONS[profile];
