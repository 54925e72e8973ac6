// The public operators: rxkcp/operators.

export { type Arq, type ArqStats, arq } from './arq.ts';
