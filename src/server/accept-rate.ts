// How many sessions each network may begin: a bucket of tokens for each source prefix.

/** Prefixes remembered. A forgotten one has a full bucket. */
const PREFIXES_MAX = 4096;

export class AcceptRate {
  readonly #perSecond: number;
  /** What was used longest ago comes first. */
  readonly #buckets = new Map<string, { tokens: number; at: number }>();

  /** @param perSecond sessions per second, which is also how many may begin at once. */
  constructor(perSecond: number) {
    this.#perSecond = perSecond;
  }

  /** Whether `address` may begin a session at `now`, ms; then that is one less. */
  take(address: string, now: number): boolean {
    const prefix = prefixOf(address);
    const { tokens, at } = this.#buckets.get(prefix) ?? { tokens: this.#perSecond, at: now };
    const left = Math.min(this.#perSecond, tokens + ((now - at) * this.#perSecond) / 1000) - 1;
    if (left < 0) return false;
    this.#buckets.delete(prefix);
    for (const oldest of this.#buckets.keys()) {
      if (this.#buckets.size < PREFIXES_MAX) break;
      this.#buckets.delete(oldest);
    }
    this.#buckets.set(prefix, { tokens: left, at: now });
    return true;
  }
}

/** The network that an address is of: 24 bits of IPv4, 56 of IPv6; of anything else, all. */
export function prefixOf(address: string): string {
  if (!address.includes(':')) return /^\d+\.\d+\.\d+\./.exec(address)?.[0] ?? address;
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.)/i.exec(address);
  if (mapped) return mapped[1] as string;
  const [head = '', tail] = address.split('::');
  const groups = head === '' ? [] : head.split(':');
  const missing = tail === undefined ? 0 : 8 - groups.length - (tail === '' ? 0 : tail.split(':').length);
  const all = [...groups, ...Array.from({ length: Math.max(missing, 0) }, () => '0'), ...(tail ? tail.split(':') : [])];
  const fourth = Number.parseInt(all[3] ?? '0', 16) >> 8;
  return `${all.slice(0, 3).join(':')}:${fourth}`;
}
