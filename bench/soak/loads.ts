// What clients do, all at the same time: the loads of a soak.

import type { Profile } from './profiles.ts';

/** How a load uses its sessions. */
export type Use = 'session' | 'slow-reader' | 'web' | 'duplex';

export interface LoadKind {
  readonly kind: string;
  readonly use: Use;
  /** Bytes of a message, from … to. */
  readonly sizes: readonly [min: number, max: number];
  /** ms from one message to the next; undefined: as the rate says. */
  readonly every?: number;
  /** A session ends after so many messages, and another begins. */
  readonly perSession?: number;
}

export interface LoadSpec extends LoadKind {
  readonly id: number;
  readonly profile: Profile;
  readonly port: number;
  /** ms from one message to the next, on average. */
  readonly every: number;
}

export const KINDS = {
  bulk: { kind: 'bulk', use: 'session', sizes: [4_000, 32_000] },
  small: { kind: 'small', use: 'session', sizes: [16, 300], every: 20 },
  /** Up to 255 fragments, whatever cipher and FEC take of a packet. */
  large: { kind: 'large', use: 'session', sizes: [100_000, 340_000], every: 5_000 },
  slow: { kind: 'slow reader', use: 'slow-reader', sizes: [1_000, 16_000], every: 50 },
  web: { kind: 'web streams', use: 'web', sizes: [500, 20_000], every: 200 },
  duplex: { kind: 'Duplex', use: 'duplex', sizes: [500, 20_000], every: 200 },
  churn: { kind: 'churn', use: 'session', sizes: [50, 3_000], every: 40, perSession: 5 },
} as const satisfies Record<string, LoadKind>;

/** By which way a load reaches its server: through a bad network, or straight. */
type Way = 'relay' | 'direct';
/** A load, and which server it talks to: counted from the client's own number, so that two clients have all pairs. */
export type Entry = readonly [kind: keyof typeof KINDS, profile: Profile, server: 0 | 1, way: Way];

/** Of one client. */
export const LOADS: readonly Entry[] = [
  ['bulk', 'salsa', 0, 'relay'],
  ['bulk', 'aes-fec', 1, 'relay'],
  ['bulk', 'plain', 0, 'direct'],
  ['small', 'plain', 0, 'relay'],
  ['small', 'gcm-fec', 1, 'relay'],
  ['large', 'gcm-fec', 0, 'relay'],
  ['large', 'plain', 1, 'relay'],
  ['slow', 'plain', 1, 'relay'],
  ['slow', 'salsa', 0, 'relay'],
  ['web', 'aes-fec', 0, 'relay'],
  ['duplex', 'salsa', 1, 'relay'],
  ['churn', 'plain', 0, 'direct'],
  ['churn', 'gcm-fec', 0, 'relay'],
  ['churn', 'salsa', 1, 'direct'],
];

/**
 * @param rate KiB a second that all bulk loads of this client send together.
 * @param portOf where a server is to be reached with a profile.
 */
export function loadsOf(
  entries: readonly Entry[],
  client: number,
  rate: number,
  portOf: (server: number, profile: Profile, way: Way) => number,
): LoadSpec[] {
  const bulks = entries.filter(([kind]) => kind === 'bulk').length;
  return entries.map(([name, profile, server, way], index) => {
    const kind: LoadKind = KINDS[name];
    const mean = (kind.sizes[0] + kind.sizes[1]) / 2;
    const every = kind.every ?? (1000 * bulks * mean) / (rate * 1024);
    return { ...kind, id: client * 100 + index + 1, profile, port: portOf(client + server, profile, way), every };
  });
}
