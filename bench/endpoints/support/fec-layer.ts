// Times the FEC operators on bursts of packets: kcp-go's BenchmarkFECEncode and BenchmarkFECDecode (fec_test.go), which have no bursts.

import { Subject } from 'rxjs';
import type { Burst } from 'rxkcp';
import { type FecShape, fecDecode, fecEncode } from 'rxkcp/operators';
import { writeFecHeader } from '../../../src/core/fec/header.ts';

/** Bytes of a datagram, of which FEC takes 8. */
const DATAGRAM = 1472;
const BURST = 32;
/** Bursts between two looks at the clock. */
const BATCH = 16;
/** Groups that are encoded before the clock runs, and decoded again and again, with new numbers. */
const GROUPS = 64;

/** ns that one packet takes. */
export function timeLayer(of: 'encode' | 'decode', shape: FecShape, seconds: number): number {
  return (of === 'encode' ? encoding(shape, seconds) : decoding(shape, seconds)) / BURST;
}

function encoding(shape: FecShape, seconds: number): number {
  const packets = new Subject<Burst>();
  let datagrams = 0;
  packets.pipe(fecEncode(shape)).subscribe((burst) => {
    datagrams += burst.length;
  });
  const burst = Array.from({ length: BURST }, () => random(DATAGRAM - 8));
  let sent = 0;
  const ns = measure(seconds, () => {
    packets.next(burst);
    sent += BURST;
  });
  if (Math.abs(datagrams / sent - (shape.data + shape.parity) / shape.data) > 0.01)
    throw new Error('there is not as much parity as there should be');
  return ns;
}

/** One packet in a group is lost on average, and counts, as in kcp-go's benchmark. */
function decoding(shape: FecShape, seconds: number): number {
  const length = shape.data + shape.parity;
  const groups = encoded(shape);
  const datagrams = new Subject<Burst>();
  const counters = { FECFullShardSet: 0, FECRecovered: 0, FECErrs: 0, FECParityShards: 0 };
  const more = { FECShardSet: 0, FECShardMin: 0, OOBPackets: 0, InErrs: 0 };
  const counted = { ...counters, ...more };
  datagrams.pipe(fecDecode({ shape, counters: counted })).subscribe();
  let seqid = 0;
  const ns = measure(seconds, () => {
    const burst: Uint8Array[] = [];
    // In one piece, as they come from a cipher.
    const bytes = new Uint8Array(BURST * DATAGRAM);
    for (let i = 0; i < BURST; i++, seqid++) {
      if (Math.random() * length < 1) continue;
      const datagram = bytes.subarray(i * DATAGRAM, (i + 1) * DATAGRAM);
      datagram.set(groups[seqid % groups.length] as Uint8Array);
      writeFecHeader(datagram, seqid, seqid % length < shape.data ? 0xf1 : 0xf2);
      burst.push(datagram);
    }
    datagrams.next(burst);
  });
  if (counted.FECErrs > 0 || counted.FECRecovered < seqid / length / 4) throw new Error('nothing was recovered');
  return ns;
}

function encoded(shape: FecShape): Uint8Array[] {
  const packets = new Subject<Burst>();
  const all: Uint8Array[] = [];
  packets.pipe(fecEncode(shape)).subscribe((burst) => all.push(...burst));
  packets.next(Array.from({ length: GROUPS * shape.data }, () => random(DATAGRAM - 8)));
  return all;
}

function random(length: number): Uint8Array {
  return globalThis.crypto.getRandomValues(new Uint8Array(length));
}

/** ns of one call, after warming up for half as long. */
function measure(seconds: number, operation: () => void): number {
  loop(seconds / 2, operation);
  return loop(seconds, operation);
}

function loop(duration: number, operation: () => void): number {
  const start = performance.now();
  let calls = 0;
  let took = 0;
  while (took < duration * 1000) {
    for (let i = 0; i < BATCH; i++) operation();
    calls += BATCH;
    took = performance.now() - start;
  }
  return (took * 1e6) / calls;
}
