// The public operators: rxkcp/operators.

export type { Snmp } from '../src/counters.ts';
export type { Burst } from '../src/link/link.ts';
export type { ArqOptions, ModeName, ModeParameters, TunableOptions } from '../src/options.ts';
export type { RandomSource } from '../src/random.ts';
export { type Arq, type ArqStats, arq, type Retransmissions } from './arq.ts';
