// A cap on what all sessions of a server hold together. Each account is brought up to date when its session has done something; when the sum
// is over the cap, all are; and if it is over it still, the session that holds most of all has to go.

/** ms between two looks at all accounts. */
const RECOUNT_MS = 10;

export class ByteCap<T> {
  readonly #max: number;
  readonly #measure: (holder: T) => number;
  readonly #over: (holder: T) => void;
  readonly #accounts = new Map<T, number>();
  #total = 0;
  #recountAt = -Infinity;

  /** @param measure what `holder` has now, in bytes. @param over ends the holder, which is no longer counted. */
  constructor(max: number, measure: (holder: T) => number, over: (holder: T) => void) {
    this.#max = max;
    this.#measure = measure;
    this.#over = over;
  }

  /** `holder` may have more than before, or less. */
  update(holder: T, now: number): void {
    this.#count(holder);
    if (this.#total <= this.#max || now < this.#recountAt) return;
    this.#recountAt = now + RECOUNT_MS;
    for (const each of this.#accounts.keys()) this.#count(each);
    while (this.#total > this.#max) {
      const greediest = this.#greediest();
      if (greediest === undefined) return;
      this.remove(greediest);
      this.#over(greediest);
    }
  }

  /** `holder` has ended. */
  remove(holder: T): void {
    this.#total -= this.#accounts.get(holder) ?? 0;
    this.#accounts.delete(holder);
  }

  #count(holder: T): void {
    const bytes = this.#measure(holder);
    const before = this.#accounts.get(holder) ?? 0;
    if (bytes === before) return;
    this.#total += bytes - before;
    if (bytes === 0) this.#accounts.delete(holder);
    else this.#accounts.set(holder, bytes);
  }

  #greediest(): T | undefined {
    let greediest: T | undefined;
    let most = 0;
    for (const [holder, bytes] of this.#accounts) {
      if (bytes <= most) continue;
      most = bytes;
      greediest = holder;
    }
    return greediest;
  }
}
