// Flags of works with many sessions, in the words of the kcp-go peer.

import { parseArgs } from 'node:util';
import { aes256, deriveKey, type SessionOptions } from 'rxkcp';

const { values } = parseArgs({
  options: {
    workers: { type: 'string', default: '1' },
    sessions: { type: 'string', default: '1' },
    port: { type: 'string', default: '0' },
    bytes: { type: 'string' },
    warmup: { type: 'string' },
    write: { type: 'string', default: '65536' },
    password: { type: 'string' },
    window: { type: 'string' },
  },
});

export const fleetFlags = {
  workers: Number(values.workers),
  sessions: Number(values.sessions),
  port: Number(values.port),
  /** Of each session. */
  bytes: Number(values.bytes),
  warmup: Number(values.warmup),
  write: Number(values.write),
} as const;

export const sessionOptions = {
  mode: 'fast3',
  stream: true,
  sendWindow: Number(values.window),
  receiveWindow: Number(values.window),
  mtu: 1400,
  cipher: aes256(deriveKey(values.password ?? '')),
  fec: { data: 10, parity: 3 },
} satisfies SessionOptions;
