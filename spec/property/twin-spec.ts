// The control block against its naive twin: whatever is done to both, both send the same packets at the same ms.

import { describe, expect, test } from 'vitest';
import { converse, randomPlan, replay, type Side } from '../support/conversation.ts';
import { BlockEndpoint } from '../support/endpoint.ts';
import { NaiveKcp, OURS } from '../support/naive-kcp.ts';
import { seeds } from '../support/random.ts';

const hex = ({ at, packet }: { at: number; packet: Uint8Array }): string =>
  `${at} ${Buffer.from(packet).toString('hex')}`;

function expectDelivered(from: Side, to: Side): void {
  expect(Buffer.concat(to.read).equals(Buffer.concat(from.written))).toBe(true);
  if (!from.options.stream) expect(to.read.map((m) => m.length)).toEqual(from.written.map((m) => m.length));
}

describe('a random conversation', () => {
  test.each(seeds(150))('is delivered whole, and sent as the naive twin sends it (seed %i)', (seed) => {
    const plan = randomPlan(seed);
    const sides = converse(seed, plan, (options) => new BlockEndpoint(options, seed % 2 === 0));
    expectDelivered(sides[0], sides[1]);
    expectDelivered(sides[1], sides[0]);
    for (const side of sides) {
      const twin = replay(side, new NaiveKcp(side.options, OURS));
      expect(twin.map(hex)).toEqual(side.sent.map(hex));
    }
  });
});
