// Ours against the C core, on one virtual clock: 200 networks, settings and sequences of writes, drawn from a seed. Whoever the
// ends are, every byte arrives; and two of ours do at least as well as two of the C core's.

import { expect, test } from 'vitest';
import { BlockEndpoint } from '../support/endpoint.ts';
import { seeds } from '../support/random.ts';
import { CBlock } from './support/c-block.ts';
import { cCore } from './support/c-endpoint.ts';
import { duel, type Maker, type Outcome, type Plan, randomPlan } from './support/duel.ts';
import { describeWith } from './support/peer-presence.ts';

class OurBlock extends BlockEndpoint {
  get drained(): boolean {
    return this.block.drained;
  }

  release(): void {}
}

const ours: Maker = { name: 'ours', make: (options) => new OurBlock(options) };
const theirs: Maker = { name: "the C core's", make: (options) => new CBlock(options) };

interface Trial {
  readonly plan: Plan;
  readonly ours: Outcome;
  readonly theirs: Outcome;
  readonly mixed: Outcome;
}

const trials: Trial[] = [];

/** Geometric mean of the ratios of two outcomes' figures: chance is large in each, and small in all of them. */
function ratio(of: readonly Trial[], one: 'ours' | 'mixed', figure: 'goodput' | 'p99' | 'transmissions'): number {
  const logarithms = of.map((trial) => Math.log(trial[one][figure] / trial.theirs[figure]));
  return Math.exp(logarithms.reduce((a, b) => a + b, 0) / logarithms.length);
}

const BATCH = 20;
const all = seeds(200);
const batches = Array.from({ length: Math.ceil(all.length / BATCH) }, (_, i) => all.slice(i * BATCH, (i + 1) * BATCH));

describeWith(cCore, 'our control block and the C core', () => {
  test.each(batches.map((batch) => [batch[0], batch.at(-1), batch] as const))(
    'deliver every byte to one another, and each to its own kind (seeds %i to %i)',
    (_first, _last, batch) => {
      for (const seed of batch) {
        const plan = randomPlan(seed);
        const mixed = seed % 2 === 0 ? duel(plan, ours, theirs) : duel(plan, theirs, ours);
        const trial = { plan, ours: duel(plan, ours, ours), theirs: duel(plan, theirs, theirs), mixed };
        for (const kind of ['ours', 'theirs', 'mixed'] as const) {
          expect(trial[kind].exact, `seed ${seed}, ${kind}: RXKCP_SEED=${seed} runs it alone`).toBe(true);
        }
        trials.push(trial);
      }
    },
  );

  // One run alone says nothing about averages.
  test.runIf(all.length > 1)('do as well, on average: two of ours no worse than two of the C core by 5 %', () => {
    for (const one of ['ours', 'mixed'] as const) {
      expect(ratio(trials, one, 'goodput'), `goodput, ${one}`).toBeGreaterThan(0.95);
      expect(ratio(trials, one, 'p99'), `p99, ${one}`).toBeLessThan(1.05);
      expect(ratio(trials, one, 'transmissions'), `transmissions, ${one}`).toBeLessThan(1.05);
    }
  });

  test.runIf(all.length > 1).each([1, 15, 50, 150])(
    'and so at a delay of %i ms: no less goodput, no more transmissions, and no longer a p99',
    (delay) => {
      const some = trials.filter(({ plan }) => plan.network.delay === delay);
      expect(some.length).toBeGreaterThan(20);
      expect(ratio(some, 'ours', 'goodput')).toBeGreaterThan(0.95);
      expect(ratio(some, 'ours', 'transmissions')).toBeLessThan(1.05);
      expect(ratio(some, 'ours', 'p99')).toBeLessThan(1.05);
    },
  );
});
