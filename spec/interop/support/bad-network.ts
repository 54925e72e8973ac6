// The examples' relay between two ends, as a network that loses, delays, reorders and duplicates.

import { openRelay, type RelayOptions } from '../../../examples/relay.ts';
import type { Cleanup } from './cleanup.ts';

export type Impairments = Omit<RelayOptions, 'target'>;

/** 10 … 20 ms one way, `loss` each way, 1 % overtaken, 0.5 % twice. */
export function badNetwork(loss: number, seed: number): Impairments {
  return { loss, delay: 15, jitter: 5, reorder: 0.01, duplicate: 0.005, seed };
}

/** Leads to a server through that network; returns the port to dial. */
export function through(network: Impairments): (serverPort: number, cleanup: Cleanup) => Promise<number> {
  return async (port, cleanup) => {
    const relay = await openRelay({ target: { address: '127.0.0.1', port }, ...network });
    cleanup(() => relay.close());
    return relay.port;
  };
}
