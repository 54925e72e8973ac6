// smux against a naive twin, wherever the connection cuts the bytes; and against peers that mean no good.

import type { StreamEnd } from 'rxkcp/core';
import { describe, expect, test } from 'vitest';
import { NaiveSmux, OurEnd } from '../support/mux-ends.ts';
import { bytes, integer, pick, seeded, seeds } from '../support/random.ts';

/** A stream in both ends: what was written to it at each, and read at the other. */
interface Both {
  readonly id: number;
  readonly ours: StreamEnd;
  readonly fromOurs: number[];
  readonly atTheirs: number[];
  readonly fromTheirs: number[];
  readonly atOurs: number[];
  ourFin: boolean;
  theirFin: boolean;
}

/** Random work at both ends over a connection that carries a random number of bytes at a time. */
function converse(seed: number, version: 1 | 2, role: 'client' | 'server'): Both[] {
  const random = seeded(seed);
  const ours = new OurEnd({
    role,
    version,
    maxStreamBuffer: pick(random, [1000, 65_536, 1 << 20]),
    keepAliveTimeout: 0,
  });
  const theirs = new NaiveSmux(role === 'client' ? 'server' : 'client', version, pick(random, [500, 65_536]));
  const streams: Both[] = [];
  const add = (id: number, end: StreamEnd): Both => {
    const stream = {
      id,
      ours: end,
      fromOurs: [],
      atTheirs: [],
      fromTheirs: [],
      atOurs: [],
      ourFin: false,
      theirFin: false,
    };
    streams.push(stream);
    return stream;
  };
  const toOurs: number[] = [];
  const toTheirs: number[] = [];
  const carry = (most: number): void => {
    // Ours decides late what it sends: only as much as the connection takes.
    toTheirs.push(...ours.output(most));
    theirs.input(Uint8Array.from(toTheirs.splice(0, most)));
    toOurs.push(...theirs.sent.splice(0));
    ours.input(Uint8Array.from(toOurs.splice(0, most)));
    for (const end of ours.accepted.splice(0)) add(end.id, end);
  };
  const read = (most: number): void => {
    for (const stream of streams) {
      stream.atOurs.push(...ours.read(stream.ours, integer(random, 0, most)));
      if (theirs.streams.has(stream.id)) stream.atTheirs.push(...theirs.read(stream.id, integer(random, 0, most)));
    }
  };
  for (let step = 0; step < 300; step++) {
    ours.now += integer(random, 0, 20);
    const stream = streams.length > 0 ? pick(random, streams) : undefined;
    const what = integer(random, 0, 9);
    if (what === 0 && streams.length < 8) {
      const end = ours.session.open(integer(random, 1, 4));
      add(end.id, end);
    } else if (what === 1 && streams.length < 8) {
      theirs.open();
    } else if (what < 5 && stream && !stream.ourFin) {
      const written = bytes(random, integer(random, 1, pick(random, [10, 3000])));
      stream.fromOurs.push(...written);
      ours.session.write(stream.ours, written);
    } else if (what < 8 && stream && !stream.theirFin && theirs.streams.has(stream.id)) {
      const written = bytes(random, integer(random, 1, pick(random, [10, 3000])));
      stream.fromTheirs.push(...written);
      theirs.write(stream.id, written);
    } else if (what === 8 && stream && random() < 0.2) {
      stream.ourFin = true;
      ours.session.finish(stream.ours);
    } else if (what === 9 && stream && random() < 0.2 && theirs.streams.has(stream.id)) {
      stream.theirFin = true;
      theirs.finish(stream.id);
    }
    carry(integer(random, 1, pick(random, [20, 5000])));
    if (random() < 0.3) read(5000);
  }
  for (let step = 0; step < 1000; step++) {
    for (const stream of streams) {
      ours.session.finish(stream.ours);
      if (theirs.streams.has(stream.id)) theirs.finish(stream.id);
    }
    carry(10_000);
    read(10_000);
  }
  expect(ours.ended).toEqual([]);
  expect([ours.session.streams.size, ours.session.unread]).toEqual([0, 0]);
  for (const stream of streams) {
    const naive = theirs.streams.get(stream.id)!;
    expect([stream.ours.peerFinished, stream.ours.hasFinished, naive.finReceived, naive.finSent]).toEqual(
      Array(4).fill(true),
    );
  }
  return streams;
}

describe.each([1, 2] as const)('version %i', (version) => {
  test.each(['client', 'server'] as const)('a %s and a naive smux exchange what was written, in order', (role) => {
    let streams = 0;
    for (const seed of seeds(10)) {
      for (const { id, fromOurs, atTheirs, fromTheirs, atOurs } of converse(seed, version, role)) {
        streams++;
        expect(Buffer.from(atTheirs).equals(Buffer.from(fromOurs)), `seed ${seed}, stream ${id}, to the twin`).toBe(
          true,
        );
        expect(Buffer.from(atOurs).equals(Buffer.from(fromTheirs)), `seed ${seed}, stream ${id}, from the twin`).toBe(
          true,
        );
      }
    }
    expect(streams).toBeGreaterThan(20);
  });

  test('a million hostile frames: bounded memory, and a typed end', () => {
    const FRAMES = 1_000_000;
    const codes = new Map<string, number>();
    let frames = 0;
    let worst = 0;
    for (let seed = 1; frames < FRAMES; seed++) {
      const random = seeded(seed);
      const options = { maxStreams: 16, maxReceiveBuffer: 1 << 20, keepAliveInterval: 0 } as const;
      const end = new OurEnd({ role: 'server', version, ...options });
      const chunk = new Uint8Array(8 * 4096);
      // How often a frame breaks the rules.
      const evil = pick(random, [0.5, 0.01, 0]);
      for (let round = 0; round < 12 && end.ended.length === 0; round++) {
        let at = 0;
        while (at < chunk.length) {
          frames++;
          const command = random() < evil ? integer(random, 0, 255) : pick(random, [0, 0, 1, 2, 2, 2, 3]);
          chunk[at] = random() < evil / 50 ? 99 : version;
          chunk[at + 1] = command;
          const length = command === 2 ? integer(random, 0, pick(random, [0, 8, 2000])) : 0;
          chunk[at + 2] = length & 255;
          chunk[at + 3] = length >> 8;
          chunk[at + 4] = integer(random, 0, 40);
          chunk.fill(0, at + 5, at + 8);
          at += 8 + (command === 2 ? length : 0);
        }
        end.input(chunk);
        // A peer that takes nothing: what is to be sent waits.
        if (random() < 0.2) end.output(100);
        const streams = end.session.streams.size;
        expect(streams).toBeLessThanOrEqual(16);
        worst = Math.max(worst, end.session.unread);
      }
      end.session.inputEnded();
      expect(end.ended).toHaveLength(1);
      const error = end.ended[0] as { code?: string } | undefined;
      codes.set(error?.code ?? 'none', (codes.get(error?.code ?? 'none') ?? 0) + 1);
    }
    // What all streams may send before they hear of a window; in version 1 the buffer, and what was read with the last frame.
    expect(worst).toBeLessThan(version === 2 ? 16 * 262_144 + 1 : (1 << 20) + 8 * 4096 + 1);
    expect([...codes.keys()].every((code) => code === 'none' || code.startsWith('ERR_MUX_'))).toBe(true);
    expect(codes.size).toBeGreaterThan(2);
  });
});
