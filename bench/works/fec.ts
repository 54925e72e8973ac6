// Forward error correction: the Reed-Solomon codec of each, for whole groups of 1472-byte shards.

import { Child, numberOf } from '../child.ts';
import type { Sample, Work } from '../work.ts';

/** s for each figure, after warming up. */
const SECONDS = 0.4;

/** Bytes of a datagram of kcp-go's benchmarks. */
const PACKET_BYTES = 1472;

const SHAPES = [
  [3, 1],
  [10, 3],
  [70, 30],
] as const;

function codec(of: 'encode' | 'decode', data: number, parity: number): Work {
  return {
    name: `fec/${of}-${data}-${parity}`,
    // To rebuild with erasure.wasm leaks memory until it crashes, after some thousand groups.
    subjects: ['rxkcp', 'kcp-go', ...(of === 'encode' ? (['erasure.wasm'] as const) : []), 'portable'],
    async run(subject, bench) {
      const flags = [`--of=${of}`, `--data=${data}`, `--parity=${parity}`, `--seconds=${SECONDS}`];
      const child = new Child(bench.command(subject, 'fec'), flags, 20_000);
      try {
        const done = await child.event('done');
        const rate = (unit: string, member: string): Sample => ({
          unit,
          value: (numberOf(done, 'bytes') * 1e3) / numberOf(done, member),
        });
        if (of === 'encode') return [rate('MB/s', 'ns')];
        return [rate('MB/s, all parity used', 'ns'), rate('MB/s, one shard lost', 'nsOne')];
      } finally {
        await child.stop();
      }
    },
  };
}

/** kcp-go's BenchmarkFECEncode and BenchmarkFECDecode: packets one after another; here in bursts of 32, through the operators. */
function layer(of: 'encode' | 'decode', data: number, parity: number): Work {
  return {
    name: `fec/layer-${of}-${data}-${parity}`,
    subjects: ['rxkcp', 'kcp-go'],
    async run(subject, bench) {
      const flags = [`--of=${of}`, `--data=${data}`, `--parity=${parity}`, `--seconds=${SECONDS}`];
      const child = new Child(bench.command(subject, 'fec'), flags, 20_000);
      try {
        const ns = numberOf(await child.event('done'), 'nsPacket');
        return [{ unit: 'MB/s', value: (PACKET_BYTES * 1e3) / ns }];
      } finally {
        await child.stop();
      }
    },
  };
}

export const fec: readonly Work[] = [codec, layer].flatMap((work) =>
  (['encode', 'decode'] as const).flatMap((of) => SHAPES.map(([data, parity]) => work(of, data, parity))),
);
