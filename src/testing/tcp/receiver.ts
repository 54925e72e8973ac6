// The receiving half of a TCP twin.

/** Packets that each acknowledgment names, so that the loss of some acknowledgments does no harm. */
const NAMED = 16;
/** Packets after which an acknowledgment is due (RFC 5681, 4.2). */
const DELAYED_PACKETS = 2;
/** ms after which one is due in any case; as in Linux. */
export const DELAYED_MS = 40;

export class TcpReceiver {
  /** Packets that have arrived. */
  received = 0;
  readonly #latest: number[] = [];
  #expected = 0;
  #pending = 0;

  /** Whether an acknowledgment waits for another packet. */
  get isPending(): boolean {
    return this.#pending > 0;
  }

  /** Takes in a packet. Returns whether an acknowledgment is due at once: for every second packet, and for one behind a gap. */
  arrived(number: number): boolean {
    this.received++;
    this.#latest.push(number);
    if (this.#latest.length > NAMED) this.#latest.shift();
    const isGap = number !== this.#expected;
    this.#expected = number + 1;
    return ++this.#pending >= DELAYED_PACKETS || isGap;
  }

  /** The numbers that an acknowledgment names. */
  acknowledge(): readonly number[] {
    this.#pending = 0;
    return this.#latest;
  }
}
