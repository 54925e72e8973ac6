// One socket of the addon's: opened, received from, sent to, closed.

import { getSystemErrorName } from 'node:util';
import type { Burst } from '../../../bytes/burst.ts';
import { processCounters } from '../../../counters/process.ts';
import type { Address } from '../../link.ts';
import { SOCKET_BUFFER_DEFAULT, type SocketOptions } from '../options.ts';
import {
  type Addon,
  type AddressRecord,
  DONT_FRAGMENT,
  type Handle,
  RECEIVE_BUFFER,
  REUSE_PORT,
  ROW_WORDS,
  SEND_BUFFER,
  TRAFFIC_CLASS,
  type WakeUp,
} from './addon.ts';
import { Outbox } from './outbox.ts';

/** What a wake-up takes: so many rows, or fewer of so many bytes (native/src/receive.c). */
const SLOTS = 16;
const SLOT_BYTES = 65_536;

/** Bytes that count as one datagram for the garbage collector's pace: smaller ones take less memory here, where all lie in one buffer. */
const FULL_DATAGRAM = 1400;

/** Who is told what a socket brings. */
export interface SocketEvents {
  /**
   * So many rows of the addon's are about the memory in `slots`, which is written to again when this returns. What is sent in here leaves then.
   *
   * @param hasMore whether that is all that a wake-up takes: the system may have more.
   */
  received(rows: number, slots: ArrayBuffer, hasMore: boolean): void;
  /** The system has refused to send or receive, by the name of its error; ECONNREFUSED: the peer's port has no listener. */
  failed(code: string): void;
}

export class NativeSocket {
  readonly outbox: Outbox;
  readonly #addon: Addon;
  readonly #handle: Handle;
  #events: SocketEvents | undefined;
  /** Whether whoever subscribes to what comes in will close it. */
  taken = false;
  #open = true;

  /** @throws what the system says, as node:dgram does. */
  constructor(addon: Addon, family: 4 | 6, options: SocketOptions & { reusePort?: boolean | undefined }) {
    const handle = addon.create(family);
    if (typeof handle === 'number') throw systemError('socket', handle);
    const { recvBufferSize = SOCKET_BUFFER_DEFAULT, sendBufferSize = SOCKET_BUFFER_DEFAULT } = options;
    this.#addon = addon;
    this.#handle = handle;
    this.outbox = new Outbox(addon, handle, this);
    // Hints all: a system that does not take one works without.
    addon.set(handle, RECEIVE_BUFFER, recvBufferSize);
    addon.set(handle, SEND_BUFFER, sendBufferSize);
    if (options.dscp !== undefined) addon.set(handle, TRAFFIC_CLASS, options.dscp << 2);
    if (options.dontFragment) addon.set(handle, DONT_FRAGMENT, 1);
    if (options.reusePort) this.#check(addon.set(handle, REUSE_PORT, 1), 'setsockopt');
  }

  /** @throws what the system says. */
  bind(local: Address): void {
    this.#check(this.#addon.bind(this.#handle, this.#recordOf(local)), 'bind', local);
  }

  /** Returns the peer's address as the system spells it. @throws what the system says. */
  connect(remote: Address): Address {
    const record = this.#recordOf(remote);
    this.#check(this.#addon.connect(this.#handle, record), 'connect', remote);
    return addressOf(this.#addon, record);
  }

  get local(): Address {
    const record = this.#addon.address(this.#handle) as AddressRecord;
    return addressOf(this.#addon, record);
  }

  /** From here on `events` is told of what comes. */
  start(events: SocketEvents): void {
    this.taken = true;
    this.#events = events;
    const { outbox } = this;
    const wakeUp: WakeUp = (rows, slots, errors, writable) => {
      if (errors > 0) processCounters().InErrs += errors;
      const errno = this.#addon.report[2] as number;
      if (errno !== 0) this.failed(errno);
      if (writable) outbox.resume();
      if (slots === undefined) return;
      const bytes = this.#bytesOf(rows);
      outbox.scavenges.received(bytes / FULL_DATAGRAM);
      events.received(rows, slots, rows + errors >= SLOTS || bytes >= SLOT_BYTES);
      outbox.flush();
    };
    const result = this.#addon.start(this.#handle, wakeUp);
    this.#check(result, 'poll');
  }

  /** The system has reported `errno`. */
  failed(errno: number): void {
    this.#events?.failed(getSystemErrorName(-errno));
  }

  /** Sends what waits to be sent, and closes the socket. */
  close(): void {
    if (!this.#open) return;
    this.#open = false;
    this.outbox.close();
    this.#addon.close(this.#handle);
  }

  #bytesOf(rows: number): number {
    let bytes = 0;
    for (let row = 0; row < rows; row++) bytes += this.#addon.rows[row * ROW_WORDS + 1] as number;
    return bytes;
  }

  #recordOf({ address, port }: Address): AddressRecord {
    const record = this.#addon.record(address, port);
    if (record === undefined) throw new TypeError(`${address} is no IP address`);
    return record;
  }

  #check(result: number, call: string, { address, port }: Partial<Address> = {}): void {
    if (result < 0) throw systemError(call, result, address, port);
  }
}

/** What has come in the row that begins at `at`, one view for each datagram, added to `burst`. */
export function cutRow(rows: Int32Array, at: number, slots: ArrayBuffer, burst: Uint8Array[]): void {
  const offset = rows[at] as number;
  const end = offset + (rows[at + 1] as number);
  const size = rows[at + 2] as number;
  // By place: `push` would be a call of V8's here.
  if (size === 0) burst[burst.length] = new Uint8Array(slots, offset, 0);
  for (let from = offset; from < end; from += size) {
    burst[burst.length] = new Uint8Array(slots, from, from + size < end ? size : end - from);
  }
}

/** All rows of a socket with one peer. */
export function cutRows(addon: Addon, count: number, slots: ArrayBuffer): Burst {
  const burst: Uint8Array[] = [];
  for (let row = 0; row < count; row++) cutRow(addon.rows, row * ROW_WORDS, slots, burst);
  return burst;
}

export function addressOf(addon: Addon, record: AddressRecord): Address {
  // The port stands at the same place in both versions, in network order.
  return { address: addon.text(record), port: ((record[2] as number) << 8) | (record[3] as number) };
}

export function familyOf(address: string): 4 | 6 {
  // Of addresses that the resolver gave. (To compile what `isIPv6` matches takes longer than to open a session.)
  return address.includes(':') ? 6 : 4;
}

/** In the words of node:dgram. */
function systemError(syscall: string, errno: number, address?: string, port?: number): Error {
  const code = getSystemErrorName(errno);
  const where = address === undefined ? '' : ` ${address}:${port}`;
  return Object.assign(new Error(`${syscall} ${code}${where}`), { errno, code, syscall, address, port });
}
