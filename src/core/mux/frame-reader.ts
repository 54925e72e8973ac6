// Finds the frames in a stream of bytes that is cut anywhere.

import { readInt32, readUint16 } from '../../bytes/int.ts';
import { MuxCommandError, MuxFrameLengthError, MuxVersionError } from './errors.ts';
import { COMMAND_NAMES, HEADER, type MuxVersion, NOP, PSH, UPD, UPDATE_LENGTH } from './frame.ts';

/** Who takes what is found. A call may end the reading, by {@link FrameReader.stop}. */
export interface FrameTaker {
  /** A SYN, FIN or NOP. */
  control(command: number, id: number): void;
  /** An UPD. */
  update(id: number, consumed: number, window: number): void;
  /** A PSH begins: where its `length` bytes go. `undefined` skips them. */
  begin(id: number, length: number): Uint8Array | undefined;
  /** All bytes of the PSH are in the memory that `begin` returned. */
  data(id: number, bytes: Uint8Array): void;
}

/** Keeps at most one payload. */
export class FrameReader {
  readonly #version: MuxVersion;
  readonly #taker: FrameTaker;
  /** A header, or the payload of an UPD: what has come of it. */
  readonly #head = new Uint8Array(HEADER);
  #headLength = 0;
  /** The frame whose payload is coming. */
  #command = NOP;
  #id = 0;
  /** Bytes of its payload that are still to come. */
  #missing = 0;
  #length = 0;
  /** Where they go. */
  #target: Uint8Array | undefined;
  #isStopped = false;

  constructor(version: MuxVersion, taker: FrameTaker) {
    this.#version = version;
    this.#taker = taker;
  }

  /** Bytes of a frame that has not ended. */
  get partial(): number {
    return this.#missing > 0 ? HEADER + this.#length - this.#missing : this.#headLength;
  }

  /** Takes nothing more. */
  stop(): void {
    this.#isStopped = true;
    this.#target = undefined;
  }

  /** @throws MuxProtocolError */
  read(chunk: Uint8Array): void {
    let offset = 0;
    while (offset < chunk.length && !this.#isStopped) {
      if (this.#missing === 0) offset = this.#readHeader(chunk, offset);
      else if (this.#command === UPD) offset = this.#readUpdate(chunk, offset);
      else offset = this.#readData(chunk, offset);
    }
  }

  #readHeader(chunk: Uint8Array, offset: number): number {
    if (this.#headLength === 0 && chunk.length - offset >= HEADER) {
      this.#begin(chunk, offset);
      return offset + HEADER;
    }
    const next = this.#fillHead(chunk, offset);
    if (this.#headLength === HEADER) {
      this.#headLength = 0;
      this.#begin(this.#head, 0);
    } else {
      // Who speaks something else may never send as much as a header.
      this.#checkVersion(this.#head[0] as number);
    }
    return next;
  }

  #begin(bytes: Uint8Array, at: number): void {
    this.#checkVersion(bytes[at] as number);
    const command = bytes[at + 1] as number;
    const length = readUint16(bytes, at + 2);
    const id = readInt32(bytes, at + 4) >>> 0;
    if (command > UPD || (command === UPD && this.#version === 1)) throw new MuxCommandError(command, this.#version);
    if (command === PSH) {
      // An empty one is nothing (smux session.go, recvLoop).
      if (length === 0) return;
      this.#target = this.#taker.begin(id, length);
    } else {
      const expected = command === UPD ? UPDATE_LENGTH : 0;
      if (length !== expected) throw new MuxFrameLengthError(COMMAND_NAMES[command] as string, length, expected);
      if (command !== UPD) {
        this.#taker.control(command, id);
        return;
      }
    }
    this.#command = command;
    this.#id = id;
    this.#missing = this.#length = length;
  }

  #readData(chunk: Uint8Array, offset: number): number {
    const count = Math.min(this.#missing, chunk.length - offset);
    const target = this.#target;
    if (target) {
      const whole = offset === 0 && count === chunk.length ? chunk : chunk.subarray(offset, offset + count);
      target.set(whole, this.#length - this.#missing);
    }
    this.#missing -= count;
    if (this.#missing === 0 && target) {
      this.#target = undefined;
      this.#taker.data(this.#id, target);
    }
    return offset + count;
  }

  #readUpdate(chunk: Uint8Array, offset: number): number {
    const next = this.#fillHead(chunk, offset);
    this.#missing = UPDATE_LENGTH - this.#headLength;
    if (this.#missing === 0) {
      this.#headLength = 0;
      this.#taker.update(this.#id, readInt32(this.#head, 0) >>> 0, readInt32(this.#head, 4) >>> 0);
    }
    return next;
  }

  /** Moves what is missing in the head, as far as it has come. */
  #fillHead(chunk: Uint8Array, offset: number): number {
    const count = Math.min(HEADER - this.#headLength, chunk.length - offset);
    for (let i = 0; i < count; i++) this.#head[this.#headLength++] = chunk[offset + i] as number;
    return offset + count;
  }

  #checkVersion(version: number): void {
    if (version !== this.#version) throw new MuxVersionError(version, this.#version);
  }
}
