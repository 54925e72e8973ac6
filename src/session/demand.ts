// When a session delivers: once it was started, while somebody subscribes to it, and nobody wants it to stop.

import type { Subscription } from 'rxjs';
import type { Arq } from '../arq/types.ts';
import type { Gate } from './message-iterator.ts';

export class Demand {
  /** For those who read at a pace of their own, and for windows of others that are full: each stops delivery as often as it holds. */
  readonly gate: Gate = {
    hold: () => {
      this.#holds++;
      this.#update();
    },
    release: () => {
      this.#holds--;
      this.#update();
    },
  };
  readonly #arq: Pick<Arq, 'pause' | 'resume'>;
  #paused = false;
  #subscribers = 0;
  /** One of them until it is started. */
  #holds = 1;

  constructor(arq: Pick<Arq, 'pause' | 'resume'>) {
    this.#arq = arq;
    arq.pause();
  }

  /** Whether somebody subscribes. */
  get isWanted(): boolean {
    return this.#subscribers > 0;
  }

  /** To be called once. */
  start(): void {
    this.gate.release();
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
