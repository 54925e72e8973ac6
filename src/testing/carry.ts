// One direction of a bad network, as an operator on bursts.

import { type MonoTypeOperatorFunction, Observable, type SchedulerLike, type Subscriber } from 'rxjs';
import type { Burst } from '../bytes/burst.ts';
import { subscribeWithin } from '../rx/subscribe-within.ts';
import { Departures } from './departures.ts';
import { type LossCause, Passage, type Stage } from './passage.ts';

/** Which way a datagram goes, as seen from who has the link. */
export type Direction = 'outgoing' | 'incoming';

/** Something that happened to one datagram. */
export interface NetworkEvent {
  /** When, ms on the scheduler's clock. */
  readonly at: number;
  /** Which way the datagram goes. */
  readonly direction: Direction;
  /**
   * - `sent`: it was handed to the network.
   * - `lost`: it will not arrive, for a `cause`.
   * - `corrupted`, `duplicated`, `reordered`: it will arrive changed, twice, late.
   * - `delivered`: it arrived.
   */
  readonly what: 'sent' | 'lost' | 'corrupted' | 'duplicated' | 'reordered' | 'delivered';
  /** The datagram; not to be written to. */
  readonly packet: Uint8Array;
  /** Why it was lost. */
  readonly cause?: LossCause | undefined;
}

/** What one direction is made of. */
export interface Carriage {
  readonly stages: readonly Stage[];
  readonly direction: Direction;
  readonly scheduler: SchedulerLike;
  readonly watch: ((event: NetworkEvent) => void) | undefined;
  /** When to drop all datagrams that are under way, in addition to the end of the subscription. */
  readonly drop$?: Observable<void> | undefined;
}

/**
 * Carries bursts through `make().stages`, once for each subscription. Datagrams that need no time pass at once, as one burst; the others
 * arrive at whole ms, those of one ms as one burst. The source may complete before they have; unsubscribing drops them.
 */
export function carry(make: () => Carriage): MonoTypeOperatorFunction<Burst> {
  return (source) =>
    new Observable<Burst>((subscriber) => {
      const carriage = make();
      const direction = new OneWay(carriage, subscriber);
      subscriber.add(() => direction.close());
      subscriber.add(carriage.drop$?.subscribe(() => direction.close()));
      subscribeWithin(source, subscriber, {
        next: (burst) => direction.send(burst),
        error: (error) => subscriber.error(error),
        complete: () => direction.complete(),
      });
    });
}

class OneWay {
  readonly #carriage: Carriage;
  readonly #subscriber: Subscriber<Burst>;
  readonly #departures: Departures;
  #completed = false;

  constructor(carriage: Carriage, subscriber: Subscriber<Burst>) {
    this.#carriage = carriage;
    this.#subscriber = subscriber;
    this.#departures = new Departures(carriage.scheduler, (burst) => {
      // In a wake-up, no other code catches what `watch` throws.
      try {
        this.#deliver(burst);
      } catch (error) {
        subscriber.error(error);
      }
    });
  }

  send(burst: Burst): void {
    const now = this.#carriage.scheduler.now();
    const arrived: Uint8Array[] = [];
    for (const packet of burst) {
      const passage = new Passage(packet, now);
      for (const stage of this.#carriage.stages) stage.apply(passage);
      for (let copy = 0; copy < passage.copies && passage.lost === undefined; copy++) {
        if (passage.at <= now) arrived.push(passage.packet);
        else if (this.#departures.add(passage.packet, Math.ceil(passage.at))) continue;
        else if (copy === 0) passage.lost = 'queue';
        else passage.copies = 1;
      }
      if (this.#carriage.watch !== undefined) this.#tell(packet, passage, now);
    }
    if (arrived.length > 0) this.#deliver(arrived);
  }

  complete(): void {
    this.#completed = true;
    if (this.#departures.size === 0) this.#subscriber.complete();
  }

  close(): void {
    this.#departures.clear();
  }

  #deliver(burst: Uint8Array[]): void {
    const { scheduler, direction, watch } = this.#carriage;
    if (watch !== undefined) {
      const at = scheduler.now();
      for (const packet of burst) watch({ at, direction, what: 'delivered', packet });
    }
    this.#subscriber.next(burst);
    if (this.#completed && this.#departures.size === 0) this.#subscriber.complete();
  }

  #tell(packet: Uint8Array, { lost: cause, corrupted, copies, reordered }: Passage, at: number): void {
    const { direction, watch } = this.#carriage;
    const tell = (what: NetworkEvent['what']): void => watch?.({ at, direction, what, packet });
    tell('sent');
    if (cause !== undefined) {
      watch?.({ at, direction, what: 'lost', packet, cause });
      return;
    }
    if (corrupted) tell('corrupted');
    if (copies > 1) tell('duplicated');
    if (reordered) tell('reordered');
  }
}
