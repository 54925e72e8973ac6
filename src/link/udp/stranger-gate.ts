// Strangers have to wait while more comes than can be handled. The system keeps what comes in one line: in a flood of openers, those who have a
// session would wait behind it. So first strangers are no longer asked to prove their address, for that costs most, and if that is not enough,
// what they send is not read any more.

import { refusalCounters } from '../../counters/refusals.ts';

/** ms for which the system may have had more than one wake-up takes, until few strangers are answered, and few are read. */
const ANSWERED_MAX = 1;
const READ_MAX = 5;
/** Strangers of a wake-up that are, even so: without a flood hardly ever are there more. */
const STRANGERS = 1;

export class StrangerGate {
  /** When the system began to have more than a wake-up takes; undefined when it has not. */
  #fullSince: number | undefined;
  #answers = STRANGERS;
  #bursts = STRANGERS;
  #isNarrow = false;
  /** Whether few strangers are read at this wake-up. */
  isShut = false;

  /**
   * The socket wakes up.
   *
   * @param hasMore whether this wake-up took all that it takes, so that the system may have more.
   * @param now ms.
   */
  wakeUp(hasMore: boolean, now: number): void {
    this.#fullSince = hasMore ? (this.#fullSince ?? now) : undefined;
    const age = this.#fullSince === undefined ? 0 : now - this.#fullSince;
    this.#isNarrow = age >= ANSWERED_MAX;
    this.isShut = age >= READ_MAX;
    this.#answers = this.#bursts = STRANGERS;
  }

  /** Whether another stranger may have an answer. */
  answers(): boolean {
    return this.#counted(!this.#isNarrow || this.#answers-- > 0);
  }

  /** Whether what another stranger has sent is read. */
  reads(): boolean {
    return this.#counted(!this.isShut || this.#bursts-- > 0);
  }

  #counted(isLetIn: boolean): boolean {
    if (!isLetIn) refusalCounters().strangersDropped++;
    return isLetIn;
  }
}
