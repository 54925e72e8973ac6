// All works, in the order they run.

import type { Work } from '../work.ts';
import { actives } from './active.ts';
import { bulk20 } from './bulk.ts';
import { connecting } from './connect.ts';
import { crypto } from './crypto.ts';
import { fec } from './fec.ts';
import { flush } from './flush.ts';
import { idle } from './idle.ts';
import { loading } from './import.ts';
import { latencies } from './latency.ts';
import { simulate } from './simulate.ts';
import { transfers } from './transfer.ts';
import { workers } from './workers.ts';

export const works: readonly Work[] = [
  ...transfers,
  ...workers,
  bulk20,
  ...latencies,
  connecting,
  flush,
  simulate,
  ...crypto,
  ...fec,
  loading,
  idle,
  ...actives,
];
