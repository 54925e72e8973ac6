// Ids of sessions that were lately here.

const IDS_MAX = 4096;

/** The newest 4096 ids. */
export class RecentIds {
  readonly #ids = new Set<string>();

  has(id: string): boolean {
    return this.#ids.has(id);
  }

  add(id: string): void {
    this.#ids.add(id);
    for (const oldest of this.#ids) {
      if (this.#ids.size <= IDS_MAX) return;
      this.#ids.delete(oldest);
    }
  }
}
