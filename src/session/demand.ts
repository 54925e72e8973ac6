// When a session delivers: after its start, while it has a subscriber and no hold.

import type { Subscription } from 'rxjs';
import type { Arq } from '../arq/types.ts';
import type { Gate } from './message-iterator.ts';

export class Demand implements Gate {
  readonly #arq: Pick<Arq, 'pause' | 'resume'>;
  #paused = false;
  #subscribers = 0;
  /** One of them until it is started, which is to release that. */
  #holds = 1;

  constructor(arq: Pick<Arq, 'pause' | 'resume'>) {
    this.#arq = arq;
    arq.pause();
  }

  /** Whether there is a subscriber. */
  get isWanted(): boolean {
    return this.#subscribers > 0;
  }

  /** Whether there is more than one. */
  get isShared(): boolean {
    return this.#subscribers > 1;
  }

  /** For slow readers, and for full windows of other sessions: stops delivery until each hold is released. */
  hold(): void {
    this.#holds++;
    this.#update();
  }

  release(): void {
    this.#holds--;
    this.#update();
  }

  pause(): void {
    this.#paused = true;
    this.#update();
  }

  resume(): void {
    this.#paused = false;
    this.#update();
  }

  /** Delivers to one subscriber more, until that unsubscribes: which may be with the first message, in here. */
  add(subscriber: Pick<Subscription, 'add'>): void {
    this.#subscribers++;
    subscriber.add(() => {
      this.#subscribers--;
      this.#update();
    });
    this.#update();
  }

  #update(): void {
    if (this.isWanted && this.#holds === 0 && !this.#paused) this.#arq.resume();
    else this.#arq.pause();
  }
}
