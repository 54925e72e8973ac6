// Datagrams that wait for their time: a binary heap, ordered by time, and by arrival where times are the same.

/** One datagram on its way through the relay. */
export interface Departure {
  /** When it leaves, ms of `performance.now()`. */
  readonly at: number;
  /** Sends it. */
  readonly leave: () => void;
}

interface Waiting extends Departure {
  readonly order: number;
}

export class Departures {
  readonly #heap: Waiting[] = [];
  #order = 0;

  get size(): number {
    return this.#heap.length;
  }

  /** When the next one leaves; undefined when none is waiting. */
  get nextAt(): number | undefined {
    return this.#heap[0]?.at;
  }

  add(departure: Departure): void {
    const heap = this.#heap;
    const added = { ...departure, order: this.#order++ };
    let index = heap.length;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!before(added, heap[parent]!)) break;
      heap[index] = heap[parent]!;
      index = parent;
    }
    heap[index] = added;
  }

  /** Takes the next one out if it leaves at `time` or earlier. */
  takeUntil(time: number): Departure | undefined {
    const heap = this.#heap;
    const first = heap[0];
    if (first === undefined || first.at > time) return undefined;
    const last = heap.pop()!;
    if (heap.length > 0) this.#sinkFromTop(last);
    return first;
  }

  clear(): void {
    this.#heap.length = 0;
  }

  #sinkFromTop(sinking: Waiting): void {
    const heap = this.#heap;
    let index = 0;
    for (;;) {
      let child = 2 * index + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && before(heap[child + 1]!, heap[child]!)) child++;
      if (!before(heap[child]!, sinking)) break;
      heap[index] = heap[child]!;
      index = child;
    }
    heap[index] = sinking;
  }
}

function before(a: Waiting, b: Waiting): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}
