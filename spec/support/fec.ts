// FEC in the small: packets to protect, and encoders and decoders without operators around them.

import { FecDecoder } from '../../src/core/fec/decoder.ts';
import { FecEncoder } from '../../src/core/fec/encoder.ts';
import { RecoveredPacket } from '../../src/core/fec/recovered-packet.ts';
import type { FecShape } from '../../src/core/fec/shape.ts';
import { Counters } from '../../src/counters/counters.ts';
import { bytes, integer, seeded } from './random.ts';

/** `count` packets of 24 to `longest` bytes, none like another, and none of them an FEC packet. */
export function packets(random: () => number, count: number, longest = 60): Uint8Array[] {
  return Array.from({ length: count }, (_, i) => {
    const packet = bytes(random, integer(random, 24, longest));
    packet.set([i, i >>> 8, 0, 0, 81]);
    return packet;
  });
}

/** The datagrams that carry `source`, and the parity of its groups. */
export function encoded(source: readonly Uint8Array[], shape: FecShape, firstSeqid = 0): Uint8Array[] {
  const encoder = new FecEncoder(shape, firstSeqid);
  const datagrams: Uint8Array[] = [];
  for (const packet of source) encoder.encode(packet, 0, datagrams);
  return datagrams;
}

/** A decoder, and all that has come out of it. */
export class Decoding {
  readonly counters = new Counters();
  readonly regular: Uint8Array[] = [];
  readonly recovered: Uint8Array[] = [];
  readonly outOfBand: Uint8Array[] = [];
  readonly #decoder: FecDecoder;

  constructor(shape?: FecShape, conv?: number) {
    this.#decoder = new FecDecoder(shape, this.counters, (packet) => this.outOfBand.push(packet), conv);
  }

  take(...datagrams: readonly Uint8Array[]): this {
    const output: Uint8Array[] = [];
    for (const datagram of datagrams) this.#decoder.decode(datagram, output);
    for (const packet of output) (packet instanceof RecoveredPacket ? this.recovered : this.regular).push(packet);
    return this;
  }

  /** Everything that came up, in hex and in order of its bytes. */
  get all(): string[] {
    return hexes([...this.regular, ...this.recovered]);
  }
}

/** A decoder that has seen two groups of that shape, with all counts at 0; the next group begins at `next`. */
export function proven(shape: FecShape): { decoding: Decoding; next: number } {
  const decoding = new Decoding(shape).take(...encoded(packets(seeded(0), 2 * shape.data, 30), shape));
  decoding.regular.length = 0;
  Object.assign(decoding.counters, new Counters());
  return { decoding, next: 2 * (shape.data + shape.parity) };
}

/** In hex, in order of their bytes. */
export function hexes(all: readonly Uint8Array[]): string[] {
  return all.map((one) => Buffer.from(one).toString('hex')).sort();
}

/** `items` in an order of chance. */
export function shuffled<T>(random: () => number, items: readonly T[]): T[] {
  const order = [...items];
  for (let i = order.length - 1; i > 0; i--) {
    const j = integer(random, 0, i);
    [order[i], order[j]] = [order[j] as T, order[i] as T];
  }
  return order;
}
