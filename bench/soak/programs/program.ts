// What all processes of a soak have in common: settings, samples, an end with the one that started them.

import type { LoadTotals, Order, Word } from '../words.ts';
import { injectErrors, useFaultyAddon } from './errors.ts';
import { collector, sampleOf, type Vitals } from './vitals.ts';

interface Common {
  readonly sampleEvery: number;
  readonly collectEvery: number;
  readonly addon?: string | undefined;
}

/** What a program does with the orders that are its own, and says of itself. */
export interface Part {
  take?(order: Order): void;
  /** Of other threads. */
  readonly others?: () => Iterable<Vitals>;
  readonly loads?: () => LoadTotals[];
}

export function settingsOf<S extends Common>(): S {
  return JSON.parse(process.argv[2] ?? '{}') as S;
}

export function say(word: Word): void {
  // A program that is killed meanwhile is no failure.
  process.send?.(word, () => {});
}

export const wrong = (message: string): void => say({ word: 'wrong', message });

/** Has the process use the faulty addon, if there is one, before it makes sockets. */
export function begin({ sampleEvery, collectEvery, addon: path }: Common): (part: Part) => void {
  const addon = path === undefined ? undefined : useFaultyAddon(path);
  process.on('disconnect', () => process.exit());
  return ({ take, others = () => [], loads = () => [] }) => {
    const collect = collector(collectEvery);
    const sample = (collected: boolean): void =>
      say({ word: 'sample', sample: sampleOf(others(), collected), loads: loads() });
    // Before there is any session: what is open then is what may be open in the end.
    sample(false);
    setInterval(() => sample(collect()), sampleEvery);
    process.on('message', async (order: Order) => {
      take?.(order);
      if (order.order === 'sample') sample(false);
      else if (order.order === 'stop') process.exit();
      else if (order.order === 'errors') {
        say({ word: 'errors', counts: await injectErrors(addon, order.ms, order.seed) });
      }
    });
  };
}
