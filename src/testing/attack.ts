// An attacker on the path: it reads, delays, changes, replays and forges datagrams, but has no key.

import { noop, Observable, type Observer, Subject } from 'rxjs';
import type { Burst } from '../bytes/burst.ts';
import { checkOptions, type OptionNames, requireInteger } from '../check.ts';
import { OptionError } from '../errors.ts';
import type { CustomLink } from '../link/custom.ts';
import type { Link } from '../link/link.ts';
import { observableOf } from '../rx/source.ts';
import { subscribeWithin } from '../rx/subscribe-within.ts';
import { type Dice, makeDice } from './dice.ts';
import { extended, flipped, flippedUnseen, lie, noise, opener, shard, truncated } from './forgeries.ts';

/** How often each datagram that passes, of either direction, makes the attacker do something: each a share from 0 to 1, 0.01 by default. */
export interface AttackOptions {
  /** One to three bits are turned over. */
  readonly flip?: number | undefined;
  /** Bits are turned over so that a CRC-32 beneath `salsa20`, `xor` or CFB does not see it. */
  readonly flipUnseen?: number | undefined;
  /** It arrives shorter. */
  readonly truncate?: number | undefined;
  /** It arrives with bytes behind it. */
  readonly extend?: number | undefined;
  /** It is held back until up to 64 later ones have passed. */
  readonly reorder?: number | undefined;
  /** One of the last 1024 datagrams of the same direction arrives again after it. */
  readonly replay?: number | undefined;
  /** One of the last 1024 of the same direction goes back to its sender. */
  readonly reflect?: number | undefined;
  /** Something made up arrives behind it: noise, openers, acks, windows, shards. */
  readonly inject?: number | undefined;
  /** Decides all of it. Default 1. */
  readonly seed?: number | undefined;
  /** Told of each act, before it shows. */
  readonly onAct?: ((act: AttackAct) => void) | undefined;
}

/** What an attacker has done. */
export type AttackAct = Exclude<keyof AttackOptions, 'seed' | 'onAct'>;

const ACTS: readonly AttackAct[] = [
  'flip',
  'flipUnseen',
  'truncate',
  'extend',
  'reorder',
  'replay',
  'reflect',
  'inject',
];
const ATTACK_NAMES = Object.fromEntries(
  [...ACTS, 'seed', 'onAct'].map((name) => [name, true]),
) as unknown as OptionNames<AttackOptions>;
const SHARE_DEFAULT = 0.01;
const REMEMBERED = 1024;
const HELD_MAX = 64;

/**
 * An attacker on the path of any link: a function from the link to the same link, attacked both ways. Nothing of it takes time: what is added
 * arrives in the burst of the datagram that made for it. The same seed and the same datagrams make for the same attack.
 *
 * With an AEAD nothing of it may change, repeat or reorder a message, which is what to test with it. Without a cipher, or with one that carries
 * a CRC-32, it may: see docs/security.md.
 *
 * @example
 * const [left, right] = memoryPair();
 * connect({ link: attack({ seed: 7 })(left), conv: 1, cipher })
 *
 * @throws OptionError at once, naming the option that is wrong.
 */
export function attack(options: AttackOptions = {}): (link: CustomLink) => Link {
  checkOptions(options, ATTACK_NAMES);
  const { seed = 1, onAct = noop } = options;
  requireInteger('seed', seed, -(2 ** 31), 2 ** 32 - 1);
  const shares = ACTS.map((act): [AttackAct, number] => [act, shareOf(act, options[act])]);
  return (link) => {
    const [out, back] = [new Way(makeDice(seed, 0), shares, onAct), new Way(makeDice(seed, 1), shares, onAct)];
    const reflected = new Subject<Burst>();
    const sink: Observer<Burst> = {
      next: (burst) => {
        const { passed, returned } = out.pass(burst);
        if (passed.length > 0) link.outgoing.next(passed);
        if (returned.length > 0) reflected.next(returned);
      },
      error: noop,
      complete: noop,
    };
    return {
      ...link,
      memory: undefined,
      sendsInOrder: undefined,
      outgoing: sink,
      incoming: new Observable((subscriber) => {
        subscriber.add(reflected.subscribe(subscriber));
        subscribeWithin(
          observableOf(link.incoming),
          subscriber,
          {
            next: (burst) => {
              const { passed, returned } = back.pass(burst);
              if (returned.length > 0) link.outgoing.next(returned);
              if (passed.length > 0) subscriber.next(passed);
            },
          },
          subscriber,
        );
      }),
    };
  };
}

function shareOf(act: AttackAct, share = SHARE_DEFAULT): number {
  if (typeof share !== 'number' || !(share >= 0 && share <= 1))
    throw new OptionError(act, share, 'a number from 0 to 1');
  return share;
}

/** One direction. */
class Way {
  /** What has passed lately. */
  readonly #seen: Uint8Array[] = [];
  #count = 0;
  readonly #held: { readonly datagram: Uint8Array; readonly until: number }[] = [];
  readonly #dice: Dice;
  readonly #shares: readonly (readonly [AttackAct, number])[];
  readonly #onAct: (act: AttackAct) => void;

  constructor(dice: Dice, shares: readonly (readonly [AttackAct, number])[], onAct: (act: AttackAct) => void) {
    this.#dice = dice;
    this.#shares = shares;
    this.#onAct = onAct;
  }

  /** What goes on of `burst`, and what goes back. */
  pass(burst: Burst): { passed: Uint8Array[]; returned: Uint8Array[] } {
    const passed: Uint8Array[] = [];
    const returned: Uint8Array[] = [];
    for (const lent of burst) {
      const genuine = new Uint8Array(lent);
      this.#seen[this.#count++ % REMEMBERED] = genuine;
      let datagram: Uint8Array | undefined = new Uint8Array(genuine);
      const behind: Uint8Array[] = [];
      for (const [act, share] of this.#shares) {
        if (this.#dice() >= share) continue;
        this.#onAct(act);
        if (act === 'inject') behind.push(this.#forgery());
        else if (act === 'replay') behind.push(this.#oneOfSeen());
        else if (act === 'reflect') returned.push(this.#oneOfSeen());
        else if (datagram !== undefined) datagram = this.#change(act, datagram);
      }
      if (datagram !== undefined) passed.push(datagram);
      passed.push(...behind, ...this.#due());
    }
    return { passed, returned };
  }

  /** Changes `datagram`, or keeps it. */
  #change(act: AttackAct, datagram: Uint8Array): Uint8Array | undefined {
    if (act === 'flip') return flipped(datagram, this.#dice);
    if (act === 'flipUnseen') return flippedUnseen(datagram, this.#dice);
    if (act === 'truncate') return truncated(datagram, this.#dice);
    if (act === 'extend') return extended(datagram, this.#dice);
    this.#held.push({ datagram, until: this.#count + 1 + Math.floor(this.#dice() * HELD_MAX) });
    return undefined;
  }

  /** What was held back for long enough. */
  #due(): Uint8Array[] {
    const due: Uint8Array[] = [];
    for (let i = this.#held.length - 1; i >= 0; i--) {
      const held = this.#held[i];
      if (held === undefined || held.until > this.#count) continue;
      due.push(held.datagram);
      this.#held.splice(i, 1);
    }
    return due;
  }

  #forgery(): Uint8Array {
    const kinds = [noise, opener, shard, (dice: Dice) => lie(this.#oneOfSeen(), dice)];
    return (kinds[Math.floor(this.#dice() * kinds.length)] as (dice: Dice) => Uint8Array)(this.#dice);
  }

  #oneOfSeen(): Uint8Array {
    return new Uint8Array(this.#seen[Math.floor(this.#dice() * this.#seen.length)] as Uint8Array);
  }
}
