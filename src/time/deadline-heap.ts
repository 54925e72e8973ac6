// A binary min-heap of things that know their own place in it, so that any of them can leave in O(log n).
// It holds the retransmission deadlines of one session's segments, and the wake-ups of many sessions.

/** What the heap keeps: `deadline` may only change while the item is outside. */
export interface Deadlined {
  due: number;
  /** Place in the heap; −1 outside. Written by the heap only. */
  place: number;
}

export class DeadlineHeap<T extends Deadlined> {
  readonly #items: T[] = [];
  readonly #isBefore: (a: number, b: number) => boolean;

  /** @param isBefore compares two deadlines: plain `<`, or serial-number order. */
  constructor(isBefore: (a: number, b: number) => boolean) {
    this.#isBefore = isBefore;
  }

  /** The item whose deadline comes first. */
  peek(): T | undefined {
    return this.#items[0];
  }

  add(item: T): void {
    this.#siftUp(this.#items.length, item);
  }

  /** Takes the item out; does nothing if it is not in. */
  remove(item: T): void {
    const index = item.place;
    if (index < 0) return;
    item.place = -1;
    const last = this.#items.pop() as T;
    if (last !== item) this.#siftDown(this.#siftUp(index, last), last);
  }

  #place(index: number, item: T): void {
    this.#items[index] = item;
    item.place = index;
  }

  /** Returns where the item is then. */
  #siftUp(from: number, item: T): number {
    let index = from;
    while (index > 0) {
      const parentIndex = (index - 1) >> 1;
      const parent = this.#items[parentIndex] as T;
      if (!this.#isBefore(item.due, parent.due)) break;
      this.#place(index, parent);
      index = parentIndex;
    }
    this.#place(index, item);
    return index;
  }

  #siftDown(from: number, item: T): void {
    let index = from;
    for (;;) {
      let childIndex = 2 * index + 1;
      let child = this.#items[childIndex];
      const right = this.#items[childIndex + 1];
      if (right && this.#isBefore(right.due, (child as T).due)) {
        child = right;
        childIndex++;
      }
      if (!child || !this.#isBefore(child.due, item.due)) break;
      this.#place(index, child);
      index = childIndex;
    }
    this.#place(index, item);
  }
}
