// Those who talk to a hub's socket: between the system's addresses and ours, looked up by either.

import { readInt32, writeInt32 } from '../../../bytes/int.ts';
import { processCounters } from '../../../counters/process.ts';
import type { Address } from '../../link.ts';
import { type Addon, type AddressRecord, ROW_SOCKADDR } from './addon.ts';

/**
 * Addresses in a generation: of strangers that were not heard of in one, none is kept. They cost some 300 bytes each, and anyone can make
 * them up.
 */
const GENERATION = 1024;
const AF_INET = 2;
const SOCKADDR_WORDS = 7;
const IPV4_LENGTH = 16;
const IPV6_LENGTH = 28;
const RECORD_BYTES = 32;
const LENGTH_OFFSET = 28;
/** Records that share a buffer: a buffer for each takes ten times as long. */
const SHARED_RECORDS = 64;

type Key = number | string;

/** An address, and what the system calls it. */
class SystemAddress implements Address {
  readonly address: string;
  readonly port: number;
  #record: AddressRecord;

  constructor(address: string, port: number, record: AddressRecord) {
    this.address = address;
    this.port = port;
    this.#record = record;
  }

  get record(): AddressRecord {
    return this.#record;
  }

  /** It stays for long: others' records are not to stay with it. */
  settle(): void {
    this.#record = this.#record.slice();
  }
}

export class Peers {
  readonly #addon: Addon;
  readonly #guests = new Map<Key, Address>();
  /** Others: those heard of lately, and those heard of before. */
  #young = new Map<Key, Address>();
  #old = new Map<Key, Address>();
  /** Of addresses that were made elsewhere: for as long as someone keeps them. */
  readonly #records = new WeakMap<Address, AddressRecord>();
  #shared = new ArrayBuffer(0);
  #sharedOffset = 0;

  constructor(addon: Addon) {
    this.#addon = addon;
  }

  /** Whether someone has a session. */
  get hasGuests(): boolean {
    return this.#guests.size > 0;
  }

  add(peer: Address): void {
    const record = this.recordOf(peer, 0);
    if (record === undefined) return;
    if (peer instanceof SystemAddress) peer.settle();
    this.#guests.set(keyIn(wordsOf(record), 0), peer);
  }

  delete(peer: Address): void {
    const record = this.recordOf(peer, 0);
    if (record !== undefined) this.#guests.delete(keyIn(wordsOf(record), 0));
  }

  /** Whom the row at `row` of the addon's rows came from, if it has a session. */
  guestOf(row: number): Address | undefined {
    return this.#guests.get(this.#keyAt(row));
  }

  /** Whom the row at `row` came from: the same object each time, unless it was silent while many others were not. */
  of(row: number): Address {
    const key = this.#keyAt(row);
    let peer = this.#guests.get(key) ?? this.#young.get(key);
    if (peer !== undefined) return peer;
    peer = this.#old.get(key) ?? this.#learn(row + ROW_SOCKADDR);
    if (this.#young.size >= GENERATION) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(key, peer);
    return peer;
  }

  /** Where packets for `peer` go. Undefined for what is no IP address, which is counted. */
  recordOf(peer: Address, packets: number): AddressRecord | undefined {
    if (peer instanceof SystemAddress) return peer.record;
    let record = this.#records.get(peer);
    if (record !== undefined) return record;
    record = this.#addon.record(peer.address, peer.port);
    if (record === undefined) processCounters().InErrs += packets;
    else this.#records.set(peer, record);
    return record;
  }

  #keyAt(row: number): Key {
    return keyIn(this.#addon.rows, row + ROW_SOCKADDR);
  }

  #learn(at: number): Address {
    const { rows } = this.#addon;
    const record = this.#freshRecord();
    for (let word = 0; word < SOCKADDR_WORDS; word++) writeInt32(record, 4 * word, rows[at + word] as number);
    const first = rows[at] as number;
    const isIPv4 = (first & 0xffff) === AF_INET;
    record[LENGTH_OFFSET] = isIPv4 ? IPV4_LENGTH : IPV6_LENGTH;
    const address = isIPv4 ? dotted(rows[at + 1] as number) : this.#addon.text(record);
    // The port stands at the same place in both versions, in network order.
    return new SystemAddress(address, ((first >>> 8) & 0xff00) | (first >>> 24), record);
  }

  #freshRecord(): AddressRecord {
    if (this.#sharedOffset === this.#shared.byteLength) {
      this.#shared = new ArrayBuffer(SHARED_RECORDS * RECORD_BYTES);
      this.#sharedOffset = 0;
    }
    const record = new Uint8Array(this.#shared, this.#sharedOffset, RECORD_BYTES);
    this.#sharedOffset += RECORD_BYTES;
    return record;
  }
}

const words = new Int32Array(SOCKADDR_WORDS);

/** The sockaddr in a record. */
function wordsOf(record: AddressRecord): Int32Array {
  for (let word = 0; word < SOCKADDR_WORDS; word++) words[word] = readInt32(record, 4 * word);
  return words;
}

/** sockaddr_in: family and port, address. sockaddr_in6: family and port, flow, address of four words, scope. */
function keyIn(words: Int32Array, at: number): Key {
  const first = words[at] as number;
  const port = first >>> 16;
  return (first & 0xffff) === AF_INET
    ? ((words[at + 1] as number) >>> 0) * 65_536 + port
    : `${port} ${words[at + 2]} ${words[at + 3]} ${words[at + 4]} ${words[at + 5]} ${words[at + 6]}`;
}

/** An IPv4 address as text. */
function dotted(address: number): string {
  return `${address & 255}.${(address >>> 8) & 255}.${(address >>> 16) & 255}.${address >>> 24}`;
}
