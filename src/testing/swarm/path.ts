// One direction of the network of a swarm. It outlives sessions: what they have sent is still in flight when they are gone.

import { Subject, type Subscription } from 'rxjs';
import type { Burst } from '../../bytes/burst.ts';
import { impairBursts } from '../impair.ts';
import type { Impairments } from '../options.ts';
import type { Side, Transcript } from '../transcript.ts';
import type { VirtualScheduler } from '../virtual-scheduler.ts';

export interface PathSettings {
  readonly from: Side;
  readonly seed: number;
  readonly clock: VirtualScheduler;
  readonly transcript: Transcript;
  /** Whether the datagram sent last is to be known. */
  readonly keepsLast: boolean;
  readonly deliver: (burst: Burst) => void;
}

export class Path {
  /** The datagram that was sent last, if that is kept. */
  last: Uint8Array | undefined;
  readonly #settings: PathSettings;
  #impairments: Impairments;
  #sent = new Subject<Burst>();
  /** All that delivers. */
  readonly #lines: Subscription[] = [];
  #blackouts = 0;
  #generation = 0;

  constructor(impairments: Impairments, settings: PathSettings) {
    this.#settings = settings;
    this.#impairments = impairments;
    this.#open();
  }

  send(burst: Burst): void {
    const { clock, transcript, from, keepsLast } = this.#settings;
    if (keepsLast) this.last = burst.at(-1)?.slice() ?? this.last;
    if (this.#blackouts === 0) {
      this.#sent.next(burst);
      return;
    }
    for (const packet of burst) transcript.add({ at: clock.now(), from, what: 'lost', cause: 'blackout', packet });
  }

  /** Loses everything that is sent until `lighten` is called as often. */
  darken(): void {
    this.#blackouts++;
  }

  lighten(): void {
    this.#blackouts--;
  }

  /**
   * From here on nothing is lost, doubled or changed. What is in flight arrives as it would have; but for what waits for a narrow line: that
   * would arrive long after what is sent from here on.
   */
  heal(): void {
    const { delay, jitter, rate } = this.#impairments;
    if (rate !== undefined) this.close();
    this.#impairments = { delay, jitter };
    this.#open();
  }

  /** Loses what is in flight. */
  clear(): void {
    this.close();
    this.#open();
  }

  close(): void {
    for (const line of this.#lines.splice(0)) line.unsubscribe();
  }

  #open(): void {
    const { clock: scheduler, transcript, from, deliver, seed } = this.#settings;
    const sent = new Subject<Burst>();
    const options = {
      seed: (seed + 7919 * this.#generation++) | 0,
      scheduler,
      watch: ({ at, what, cause, packet }: Parameters<Transcript['add']>[0]) =>
        transcript.add({ at, from, what, cause, packet }),
    };
    this.#lines.push(sent.pipe(impairBursts(this.#impairments, options as object)).subscribe(deliver));
    this.#sent = sent;
  }
}
