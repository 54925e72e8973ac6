// Ends of smux without I/O: ours, and a naive one that does what smux v1.5.58 does, in the plainest way there is.

import { type MuxCoreOptions, MuxSession, muxSettings, type StreamEnd } from 'rxkcp/core';

/** A stream of rxkcp, what happened to it, and what it has sent. */
export class OurEnd {
  readonly session: MuxSession;
  readonly accepted: StreamEnd[] = [];
  /** How it ended: an error, or `undefined` in an array. */
  readonly ended: unknown[] = [];
  now = 0;

  constructor(options: MuxCoreOptions) {
    const owner = {
      accepted: (stream: StreamEnd) => void this.accepted.push(stream),
      ended: (error: unknown) => void this.ended.push(error),
    };
    this.session = new MuxSession(muxSettings(options), owner, 0);
  }

  input(bytes: Uint8Array): void {
    this.session.input(bytes, this.now);
  }

  /** What it sends now, up to `most` bytes. */
  output(most = Number.POSITIVE_INFINITY): Uint8Array {
    const pieces: Uint8Array[] = [];
    this.session.take(most, pieces, this.now);
    return new Uint8Array(Buffer.concat(pieces));
  }

  /** All that can be read of a stream. */
  read(stream: StreamEnd, most?: number): Uint8Array {
    const pieces: Uint8Array[] = [];
    let rest = most ?? Number.POSITIVE_INFINITY;
    while (rest > 0) {
      const piece = this.session.read(stream, this.now, rest);
      if (!piece) break;
      rest -= piece.length;
      pieces.push(piece);
    }
    return new Uint8Array(Buffer.concat(pieces));
  }
}

interface NaiveStream {
  unread: number[];
  /** Bytes read, and how many of them the peer was told of. */
  consumed: number;
  told: number;
  written: number;
  peerConsumed: number;
  peerWindow: number;
  /** What could not be written yet. */
  waiting: number[];
  finAfter: boolean;
  finSent: boolean;
  finReceived: boolean;
}

/** smux v1.5.58 as it is described: numbers in arrays, no limits, one frame at a time. */
export class NaiveSmux {
  readonly streams = new Map<number, NaiveStream>();
  readonly accepted: number[] = [];
  sent: number[] = [];
  readonly #version: 1 | 2;
  readonly #windowMax: number;
  #nextId: number;
  #input: number[] = [];

  constructor(role: 'client' | 'server', version: 1 | 2, windowMax = 65_536) {
    this.#version = version;
    this.#windowMax = windowMax;
    this.#nextId = role === 'client' ? 1 : 0;
  }

  open(): number {
    this.#nextId += 2;
    this.#add(this.#nextId);
    this.#frame(0, this.#nextId, []);
    return this.#nextId;
  }

  write(id: number, bytes: Iterable<number>): void {
    this.streams.get(id)!.waiting.push(...bytes);
    this.#flush(id);
  }

  finish(id: number): void {
    this.streams.get(id)!.finAfter = true;
    this.#flush(id);
  }

  read(id: number, most: number): number[] {
    const stream = this.streams.get(id)!;
    const bytes = stream.unread.splice(0, most);
    const isFirst = stream.consumed === 0;
    stream.consumed += bytes.length;
    const isDue = bytes.length > 0 && (isFirst || stream.consumed - stream.told >= this.#windowMax / 2);
    if (this.#version === 2 && isDue) {
      stream.told = stream.consumed;
      this.#frame(4, id, [...le32(stream.consumed), ...le32(this.#windowMax)]);
    }
    return bytes;
  }

  input(bytes: Uint8Array): void {
    this.#input.push(...bytes);
    while (this.#input.length >= 8) {
      const length = this.#input[2]! + 256 * this.#input[3]!;
      if (this.#input.length < 8 + length) return;
      const frame = this.#input.splice(0, 8 + length);
      this.#take(frame[1]!, of32(frame, 4), frame.slice(8));
    }
  }

  #take(command: number, id: number, payload: number[]): void {
    if (command === 0 && !this.streams.has(id)) {
      this.#add(id);
      this.accepted.push(id);
    }
    const stream = this.streams.get(id);
    if (!stream) return;
    if (command === 1) stream.finReceived = true;
    if (command === 2) stream.unread.push(...payload);
    if (command === 4) {
      stream.peerConsumed = of32(payload, 0);
      stream.peerWindow = of32(payload, 4);
      this.#flush(id);
    }
  }

  #add(id: number): void {
    const peer = { peerConsumed: 0, peerWindow: 262_144, written: 0 };
    const ends = { finAfter: false, finSent: false, finReceived: false };
    this.streams.set(id, { unread: [], waiting: [], consumed: 0, told: 0, ...peer, ...ends });
  }

  #flush(id: number): void {
    const stream = this.streams.get(id)!;
    for (;;) {
      const window = this.#version === 1 ? 65_535 : stream.peerWindow - (stream.written - stream.peerConsumed);
      const bytes = stream.waiting.splice(0, Math.min(Math.max(window, 0), 1000));
      if (bytes.length === 0) break;
      stream.written += bytes.length;
      this.#frame(2, id, bytes);
    }
    if (stream.finAfter && !stream.finSent && stream.waiting.length === 0) {
      stream.finSent = true;
      this.#frame(1, id, []);
    }
  }

  #frame(command: number, id: number, payload: number[]): void {
    this.sent.push(this.#version, command, payload.length & 255, payload.length >> 8, ...le32(id), ...payload);
  }
}

const le32 = (value: number): number[] => [0, 8, 16, 24].map((shift) => (value >>> shift) & 255);
const of32 = (bytes: readonly number[], at: number): number =>
  [0, 1, 2, 3].reduce((sum, i) => sum + bytes[at + i]! * 256 ** i, 0);
