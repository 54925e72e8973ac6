// Times the Reed-Solomon codec for whole groups, and the operators around it, as spec/interop/peers/go/cmd/fec does for kcp-go. The
// codec is no part of the package's API, so it comes from its source.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { parseArgs } from 'node:util';
import { ReedSolomonErasure } from '@digitaldefiance/reed-solomon-erasure.wasm';
import { reedSolomon } from '../../src/core/fec/reed-solomon.ts';
import { timeLayer } from './support/fec-layer.ts';

/** Bytes of a shard. */
const SHARD = 1472;
/** ms between two looks at the clock, at least. */
const BATCH_MS = 1;

const { values } = parseArgs({
  options: {
    of: { type: 'string' },
    codec: { type: 'string', default: 'kernel' },
    data: { type: 'string', default: '10' },
    parity: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '0.5' },
  },
});
const [data, parity, seconds] = [Number(values.data), Number(values.parity), Number(values.seconds)];

interface Group {
  encode(): void;
  /** Makes what rebuilds the first shards, where there is such a thing. */
  rebuild?(lost: number): () => void;
  shard(index: number): Uint8Array;
}

const group = values.codec === 'npm' ? npmGroup() : ourGroup(values.codec === 'portable');
console.log(JSON.stringify({ event: 'done', bytes: data * SHARD, ...figures() }));

function figures(): object {
  group.encode();
  const { of } = values;
  if (of !== 'encode' && of !== 'decode') throw new Error(`there is no ${of} to time`);
  const layer = values.codec === 'kernel' ? { nsPacket: timeLayer(of, { data, parity }, seconds) } : {};
  if (of === 'encode') return { ...layer, ns: measure(() => group.encode()) };
  return { ...layer, ns: rebuilding(Math.min(data, parity)), nsOne: rebuilding(1) };
}

function rebuilding(lost: number): number {
  const before = group.shard(lost - 1).slice();
  const rebuild = group.rebuild?.(lost);
  if (rebuild === undefined) throw new Error('this codec is not timed rebuilding');
  group.shard(lost - 1).fill(0);
  const ns = measure(rebuild);
  if (Buffer.compare(group.shard(lost - 1), before) !== 0) throw new Error('what was rebuilt is not what was lost');
  return ns;
}

/** Shards that are packets: each in its own memory. */
function ourGroup(portable: boolean): Group {
  const codec = reedSolomon(data, parity, { portable });
  const shards = Array.from({ length: data }, () => random(SHARD));
  const written = Array.from({ length: parity }, () => new Uint8Array(SHARD));
  return {
    encode: () => codec.encode(shards, written),
    rebuild(lost) {
      const there = [...shards, ...written].map((shard, i) => (i < lost ? undefined : shard));
      const rebuilt = shards.slice(0, lost);
      return () => codec.rebuild(there, rebuilt);
    },
    shard: (index) => shards[index] as Uint8Array,
  };
}

/** All shards in one piece, as it takes them: nothing is counted for putting them there. To rebuild leaks memory. */
function npmGroup(): Group {
  const binary = createRequire(import.meta.url).resolve('@digitaldefiance/reed-solomon-erasure.wasm/wasm');
  const codec = ReedSolomonErasure.fromBytes(readFileSync(binary));
  const shards = new Uint8Array((data + parity) * SHARD);
  shards.set(random(data * SHARD));
  return {
    encode() {
      const result = codec.encode(shards, data, parity);
      if (result !== ReedSolomonErasure.RESULT_OK) throw new Error(ReedSolomonErasure.getResultMessage(result));
    },
    shard: (index) => shards.subarray(index * SHARD, (index + 1) * SHARD),
  };
}

function random(length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length; at += 65_536) globalThis.crypto.getRandomValues(bytes.subarray(at, at + 65_536));
  return bytes;
}

/** ns of one call, after warming up for half as long. */
function measure(operation: () => void): number {
  loop(seconds / 2, operation);
  return loop(seconds, operation);
}

function loop(duration: number, operation: () => void): number {
  const start = performance.now();
  let batch = 1;
  let calls = 0;
  let took = 0;
  while (took < duration * 1000) {
    for (let i = 0; i < batch; i++) operation();
    calls += batch;
    took = performance.now() - start;
    // Twin and kernel are apart by a factor of a hundred.
    batch = Math.max(1, Math.round((calls * BATCH_MS) / took));
  }
  return (took * 1e6) / calls;
}
