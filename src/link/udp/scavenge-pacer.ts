// Spares V8 full collections while datagrams go both ways over node:dgram.
//
// Node gives each datagram a buffer outside the heap. V8 frees it at the next scavenge, and a scavenge comes when enough small objects were
// made; the bytes that wait for it count towards a full collection. Who only receives has a small young generation, and scavenges often. Who
// sends as well keeps what is unacknowledged, for which V8 makes the young generation larger: 45 full collections in 600 MiB were
// counted, and a fifth of the throughput went with them. So small objects are made, as many as have scavenges come in time.

const ELEMENT_BYTES = 8;
/** Garbage for each datagram received for which one was sent. (Measured by echo-64k: half of it is too little, and twice as much costs as much as it saves.) */
const BYTES = 640;
/** Arrays of more than 128 KiB are no young objects. */
const BYTES_MAX = 64 * 1024;

/** Paces scavenges by what one socket sends and receives. */
export class ScavengePacer {
  /** What is garbage when the next burst comes. In a field, lest the compiler leaves it out. */
  garbage: readonly unknown[] = [];
  #sent = 0;

  /** So many datagrams were sent. */
  sent(datagrams: number): void {
    this.#sent += datagrams;
  }

  /** A burst of so many datagrams was received. */
  received(datagrams: number): void {
    const bytes = Math.min(Math.min(datagrams, this.#sent) * BYTES, BYTES_MAX);
    this.#sent = 0;
    if (bytes > 0) this.garbage = new Array(bytes / ELEMENT_BYTES);
  }
}
