// Those who talk to a hub's socket: between the system's addresses and ours, looked up by either.

import { processCounters } from '../../../counters/process.ts';
import type { Address } from '../../link.ts';
import { type Addon, type AddressRecord, ROW_SOCKADDR } from './addon.ts';
import { addressOf } from './socket.ts';

/** Addresses in a generation: of those that were not heard of in one, none is kept. They cost some 300 bytes each. */
const GENERATION = 4096;
const AF_INET = 2;
const SOCKADDR_WORDS = 7;
const IPV4_LENGTH = 16;
const IPV6_LENGTH = 28;
const RECORD_BYTES = 32;
const LENGTH_OFFSET = 28;

export class Peers {
  readonly #addon: Addon;
  /** Those heard of lately, and those heard of before: anyone can make addresses up, and few stay for long. */
  #young = new Map<number | string, Address>();
  #old = new Map<number | string, Address>();
  /** For as long as someone keeps the address. */
  readonly #records = new WeakMap<Address, AddressRecord>();

  constructor(addon: Addon) {
    this.#addon = addon;
  }

  /** Whom the row at `row` of the addon's rows came from: the same object each time, unless it was silent while many others were not. */
  of(row: number): Address {
    const { rows } = this.#addon;
    const at = row + ROW_SOCKADDR;
    // sockaddr_in: family and port, address. sockaddr_in6: family and port, flow, address of four words, scope.
    const isIPv4 = ((rows[at] as number) & 0xffff) === AF_INET;
    const port = (rows[at] as number) >>> 16;
    const key = isIPv4
      ? ((rows[at + 1] as number) >>> 0) * 65_536 + port
      : `${port} ${rows[at + 2]} ${rows[at + 3]} ${rows[at + 4]} ${rows[at + 5]} ${rows[at + 6]}`;
    let peer = this.#young.get(key);
    if (peer !== undefined) return peer;
    peer = this.#old.get(key) ?? this.#learn(rows.subarray(at, at + SOCKADDR_WORDS), isIPv4);
    if (this.#young.size >= GENERATION) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(key, peer);
    return peer;
  }

  /** Where packets for `peer` go. Undefined for what is no IP address, which is counted. */
  recordOf(peer: Address, packets: number): AddressRecord | undefined {
    let record = this.#records.get(peer);
    if (record !== undefined) return record;
    record = this.#addon.record(peer.address, peer.port);
    if (record === undefined) processCounters().InErrs += packets;
    else this.#records.set(peer, record);
    return record;
  }

  #learn(sockaddr: Int32Array, isIPv4: boolean): Address {
    const record = new Uint8Array(RECORD_BYTES);
    record.set(new Uint8Array(sockaddr.buffer, sockaddr.byteOffset, sockaddr.byteLength));
    record[LENGTH_OFFSET] = isIPv4 ? IPV4_LENGTH : IPV6_LENGTH;
    const peer = addressOf(this.#addon, record);
    this.#records.set(peer, record);
    return peer;
  }
}
