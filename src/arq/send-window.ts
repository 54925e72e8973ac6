// The sending side of a conversation, as those see it who hand messages over: whether the send window is full, when it reaches what they
// handed over, and how much may wait for it. Those who watch get each change, until the conversation ends.

import type { ControlBlock } from '../core/kcp/control-block.ts';
import { lengthOf, type Message } from '../core/kcp/message.ts';
import { serialDiff } from '../core/kcp/serial.ts';
import { SendQueueFullError } from '../errors.ts';
import { EventQueue } from '../rx/event-queue.ts';
import { callSafely } from '../rx/report.ts';
import { distinctUntilChanged, Observable } from '../rx/rxjs.ts';

interface Waiter {
  /** The first segment of what was handed over. */
  readonly sn: number;
  readonly taken: () => void;
  readonly failed: (error: unknown) => void;
  /** Who waits behind. */
  next: Waiter | undefined;
}

export class SendWindow extends EventQueue<boolean> {
  readonly #block: ControlBlock;
  /** Bytes that may wait for the window. */
  bytesMax: number;
  /** Segments that may. */
  readonly #segmentsMax: number;
  /** Who waits longest: they are in order of sn, and so of time. */
  #first: Waiter | undefined;
  #last: Waiter | undefined;
  /** First segment of the message written last. */
  #lastWritten: number;
  #isNotifying = false;
  #wasFull = false;

  constructor(block: ControlBlock, bytesMax: number, segmentsMax: number) {
    super();
    this.#block = block;
    this.bytesMax = bytesMax;
    this.#segmentsMax = segmentsMax;
    this.#lastWritten = (block.sending.end - 1) | 0;
  }

  /** Whether it is full: the value now, then each change. */
  get full$(): Observable<boolean> {
    return new Observable<boolean>((subscriber) => {
      const first = !this.#block.canSend;
      // Before the first value, for a listener may send with that. Whoever comes after the end gets that, and no value.
      this.subscribe(subscriber);
      subscriber.next(first);
    }).pipe(
      // A change that waited for its turn may be older than the first value.
      distinctUntilChanged(),
    );
  }

  /** @throws SendQueueFullError when handing over `message` now would break a cap. */
  checkRoom(message: Message): void {
    const { sending, tunables, mss } = this.#block;
    const length = lengthOf(message);
    const waiting = sending.length - tunables.sendWindow;
    const waitingThen = waiting + Math.ceil(length / mss);
    // The first message to wait may be of any size, or a large one could never be sent; a stream can be cut anywhere.
    if (waitingThen <= 0 || (waiting <= 0 && !tunables.stream)) return;
    if (waitingThen > this.#segmentsMax) throw new SendQueueFullError('sendQueueSegments', this.#segmentsMax);
    if (sending.unsentBytes + length > this.bytesMax) throw new SendQueueFullError('sendQueueBytes', this.bytesMax);
  }

  /** Hands a message to the block. */
  write(message: Message, now: number): void {
    const { sending } = this.#block;
    const { end } = sending;
    this.#block.send(message, now);
    // In stream mode all of it may have found room in the segment before.
    this.#lastWritten = sending.end === end ? (end - 1) | 0 : end;
  }

  /** Calls `taken` when the message written last comes into the window, `failed` when that cannot be any more. */
  wait(taken: () => void, failed: (error: unknown) => void): void {
    const before = this.#first && this.#last;
    this.#last = { sn: this.#lastWritten, taken, failed, next: undefined };
    if (before) before.next = this.#last;
    else this.#first = this.#last;
    this.update();
  }

  /** The window may have moved. A waiter that is added during a call is called after it: calls do not nest. */
  update(): void {
    const { sending, tunables } = this.#block;
    if (!this.#isNotifying) {
      this.#isNotifying = true;
      let waiter = this.#first;
      while (waiter && serialDiff(waiter.sn, (sending.una + tunables.sendWindow) | 0) < 0) {
        this.#first = waiter.next;
        callSafely(waiter.taken);
        waiter = this.#first;
      }
      this.#isNotifying = false;
    }
    // A listener may send, and so change it again.
    while (this.#block.canSend === this.#wasFull) {
      this.#wasFull = !this.#wasFull;
      this.next(this.#wasFull);
    }
  }

  fail(error: unknown): void {
    for (let waiter = this.#first; waiter; waiter = this.#first) {
      this.#first = waiter.next;
      callSafely(waiter.failed, error);
    }
  }
}
