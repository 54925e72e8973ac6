// Packets on their way to the system: those of one tick leave together.
//
// When they leave: at the end of the wake-up of the socket that they answer to; else when the tick ends
// (process.nextTick), so that all timers and promises that are due have had their turn; and in any case as soon as
// there are BATCH of them. In the order they came.

import { constants } from 'node:os';
import type { Burst } from '../../../bytes/burst.ts';
import { ReusedMemory } from '../../../bytes/reused-memory.ts';
import { processCounters } from '../../../counters/process.ts';
import { ScavengePacer } from '../scavenge-pacer.ts';
import type { Addon, AddressRecord, Handle } from './addon.ts';

/** Packets that do not wait for more: sending them takes the system longer than a call. */
const BATCH = 128;
/** What may wait while the system's buffer is full. Beyond that, packets are dropped and counted. */
const WAITING_BYTES_MAX = 4 * 1024 * 1024;
const WAITING_PACKETS_MAX = 4096;
/** ms until another attempt when the system has no memory; it does not say when it has. */
const NO_MEMORY_WAIT = 1;
/** What BATCH of the largest packets take. */
const MEMORY_BYTES = BATCH * 1536;

export class Outbox {
  /** For packets that are written to be sent: from the front again whenever all that was added has left. */
  readonly memory = new ReusedMemory(MEMORY_BYTES);
  /** The receiving side reports to it, too. */
  readonly scavenges = new ScavengePacer();
  readonly #addon: Pick<Addon, 'send' | 'want' | 'report'>;
  readonly #handle: Handle;
  readonly #packets: Uint8Array[] = [];
  /** Of runs of packets to one peer: where each ends in `#packets`, and to whom it goes. Unused on a connected socket. */
  readonly #ends: number[] = [];
  readonly #records: AddressRecord[] = [];
  readonly #socket: { failed(errno: number): void };
  #bytes = 0;
  /** Someone will flush. */
  #expected = false;
  /** The system takes no more for now. */
  #blocked = false;
  #retry: NodeJS.Timeout | undefined;
  #open = true;

  /** @param socket is told what the system has reported. */
  constructor(addon: Pick<Addon, 'send' | 'want' | 'report'>, handle: Handle, socket: { failed(errno: number): void }) {
    this.#addon = addon;
    this.#handle = handle;
    this.#socket = socket;
  }

  /** @param record of the peer; none on a connected socket. */
  add(burst: Burst, record?: AddressRecord): void {
    if (!this.#open) return;
    for (const packet of burst) {
      if (this.#blocked && this.#isFull(packet.length)) {
        processCounters().InErrs++;
        continue;
      }
      this.#packets.push(packet);
      this.#bytes += packet.length;
    }
    this.scavenges.sent(burst.length);
    if (record !== undefined) this.#endRun(record);
    if (this.#packets.length >= BATCH) this.flush();
    else this.#expect();
  }

  /** Sends what there is. */
  flush(): void {
    if (this.#packets.length === 0 || this.#blocked || !this.#open) return;
    const isConnected = this.#ends.length === 0;
    const done = isConnected
      ? this.#addon.send(this.#handle, this.#packets)
      : this.#addon.send(this.#handle, this.#packets, this.#ends, this.#records);
    const errors = this.#addon.report[0] as number;
    const errno = this.#addon.report[2] as number;
    if (errors > 0) processCounters().InErrs += errors;
    if (done === this.#packets.length) this.#clear();
    else this.#block(done, this.#addon.report[1] as number);
    if (errno !== 0) this.#socket.failed(errno);
  }

  /** The system has room again. */
  resume(): void {
    if (!this.#blocked || !this.#open) return;
    this.#blocked = false;
    this.#addon.want(this.#handle, false);
    this.flush();
  }

  /** Sends what there is one last time. */
  close(): void {
    this.#blocked = false;
    this.flush();
    this.#open = false;
    clearTimeout(this.#retry);
    this.#clear();
  }

  #isFull(length: number): boolean {
    return this.#packets.length >= WAITING_PACKETS_MAX || this.#bytes + length > WAITING_BYTES_MAX;
  }

  #endRun(record: AddressRecord): void {
    const last = this.#ends.length - 1;
    if (this.#packets.length === (this.#ends[last] ?? 0)) return;
    if (this.#records[last] === record) {
      this.#ends[last] = this.#packets.length;
    } else {
      this.#ends.push(this.#packets.length);
      this.#records.push(record);
    }
  }

  #expect(): void {
    if (this.#expected || this.#blocked) return;
    this.#expected = true;
    process.nextTick(flushAtEndOfTick, this);
  }

  /** The tick ends, as was expected. */
  endTick(): void {
    this.#expected = false;
    this.flush();
  }

  #clear(): void {
    this.#packets.length = this.#ends.length = this.#records.length = 0;
    this.#bytes = 0;
    this.memory.offset = 0;
  }

  /** Keeps what was not sent, from index `done` on. */
  #block(done: number, errno: number): void {
    this.#packets.splice(0, done);
    this.#bytes = this.#packets.reduce((sum, { length }) => sum + length, 0);
    const kept = this.#ends.findIndex((end) => end > done);
    if (kept > 0) {
      this.#ends.splice(0, kept);
      this.#records.splice(0, kept);
    }
    for (const [index, end] of this.#ends.entries()) this.#ends[index] = end - done;
    this.#blocked = true;
    if (errno === constants.errno.ENOBUFS) this.#retry = setTimeout(() => this.resume(), NO_MEMORY_WAIT);
    else this.#addon.want(this.#handle, true);
  }
}

function flushAtEndOfTick(outbox: Outbox): void {
  outbox.endTick();
}
