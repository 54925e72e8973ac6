// When a session delivers: once it was started, while somebody subscribes to it, and nobody wants it to stop.

import type { Subscription } from 'rxjs';
import type { Arq } from '../arq/types.ts';
import type { Gate } from './message-iterator.ts';

export class Demand {
  /** For those who read at a pace of their own, and for windows of others that are full: each stops delivery as often as it holds. */
  readonly gate: Gate = { hold: () => this.#hold(1), release: () => this.#hold(-1) };
  readonly #arq: Pick<Arq, 'pause' | 'resume'>;
  #started = false;
  #paused = false;
  #subscribers = 0;
  #holds = 0;

  constructor(arq: Pick<Arq, 'pause' | 'resume'>) {
    this.#arq = arq;
    arq.pause();
  }

  /** Whether somebody subscribes. */
  get isWanted(): boolean {
    return this.#subscribers > 0;
  }

  start(): void {
    this.#started = true;
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

  #hold(more: 1 | -1): void {
    this.#holds += more;
    this.#update();
  }

  #update(): void {
    const isWanted = this.#subscribers > 0 && this.#holds === 0 && !this.#paused;
    if (this.#started && isWanted) this.#arq.resume();
    else this.#arq.pause();
  }
}
