// Prevents full garbage collections while datagrams are both sent and received.
//
// Messages and slabs of segments are buffers outside the heap; node:dgram adds one for each datagram. V8 frees these buffers in the next
// scavenge, and it scavenges when enough small objects were allocated. Until then, the buffers count towards a full collection. A process that only receives has a small young
// generation and scavenges often. A process that also sends keeps unacknowledged segments alive; V8 then enlarges the young generation, and
// scavenges become rare. In echoes of 600 MiB 45 full collections were counted, which cost a fifth of the throughput. This pacer allocates small
// objects so that scavenges come in time.

const ELEMENT_BYTES = 8;
/** Garbage per pair of datagrams, one received and one sent. Measured with echo-64k: 256 is too little; 1024 costs what it saves. */
const BYTES = 640;
/** V8 does not allocate arrays of more than 128 KiB in the young generation. */
const BYTES_MAX = 64 * 1024;

/** Paces scavenges by the traffic of one socket. */
export class ScavengePacer {
  /** Becomes garbage with the next burst. A field, because the compiler would remove a local variable. */
  garbage: readonly unknown[] = [];
  #sent = 0;

  /** Counts datagrams that were sent. */
  sent(datagrams: number): void {
    this.#sent += datagrams;
  }

  /** To be called for each burst received, with its number of datagrams; where their buffers are shared, of full ones. */
  received(datagrams: number): void {
    const bytes = Math.min(Math.min(datagrams, this.#sent) * BYTES, BYTES_MAX);
    this.#sent = 0;
    if (bytes >= ELEMENT_BYTES) this.garbage = new Array(Math.floor(bytes / ELEMENT_BYTES));
  }
}
