// A queue: an array from whose beginning many are taken, at a cost that does not grow with it.

export class Fifo<T> {
  #items: T[] = [];
  #first = 0;

  get length(): number {
    return this.#items.length - this.#first;
  }

  /** The oldest; undefined if there is none. */
  get first(): T | undefined {
    return this.#items[this.#first];
  }

  push(item: T): void {
    this.#items.push(item);
  }

  /** Takes the oldest. */
  shift(): T | undefined {
    const item = this.#items[this.#first];
    if (item === undefined) return item;
    // What was taken is not kept longer than the array would be.
    this.#items[this.#first++] = undefined as T;
    if (2 * this.#first >= this.#items.length) {
      this.#items = this.#items.slice(this.#first);
      this.#first = 0;
    }
    return item;
  }
}
