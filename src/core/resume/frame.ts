// Frames of the resume layer (docs/resume.md): one byte of type, then integers as LEB128 and byte strings of known lengths.

import { violation } from './errors.ts';

/** Version of this layer's wire. */
export const RESUME_VERSION = 1;
/** Bytes of the id that a client draws, and of the secret that a server adds to it. */
export const ID_BYTES = 16;
/** Most bytes in front of the payload of a data frame. */
export const DATA_OVERHEAD = 17;

const HELLO = 1;
const WELCOME = 2;
const DATA = 3;
const ACK = 4;
const FAREWELL = 5;

/** Bytes of the largest frame without a payload, and a reserve: no more of a frame is looked at. */
const CONTROL_MAX = 96;
/** Bytes of the largest integer, 2^53 − 1. */
const INTEGER_BYTES = 8;

/** Reasons of a farewell, in the order of their numbers. */
const REASONS = ['done', 'unknown', 'expired', 'forked', 'violation', 'full'] as const;

/** Why an end leaves: it is over (`done`), or it cannot go on with this connection. */
export type FarewellReason = (typeof REASONS)[number];

/** What each end tells of itself when a connection begins. */
export interface Handshake {
  /** Number of the last message that this end has consumed: the peer goes on behind it. */
  readonly received: number;
  /** Messages that may be sent to this end and not acknowledged. */
  readonly windowMessages: number;
  /** Bytes of those. */
  readonly windowBytes: number;
}

/** The first frame of a client. */
export interface HelloFrame extends Handshake {
  readonly kind: 'hello';
  /** Drawn by the client, 16 bytes. */
  readonly id: Uint8Array;
  /** The epoch of the last welcome; 0 if there was none. */
  readonly epoch: number;
  /** Of the last welcome, 16 bytes; undefined if there was none. */
  readonly secret: Uint8Array | undefined;
}

/** The answer of a server. */
export interface WelcomeFrame extends Handshake {
  readonly kind: 'welcome';
  /** What the client has to show with its id from now on, 16 bytes. */
  readonly secret: Uint8Array;
  /** Of this connection, from 1; each connection of a session has a larger one. */
  readonly epoch: number;
  /** ms that the session lives without a connection. */
  readonly expireAfter: number;
}

/** A message; without a payload, the end of all messages. */
export interface DataFrame {
  readonly kind: 'data';
  /** From 1, without a gap. */
  readonly number: number;
  /** As of an ack. */
  readonly ack: number;
  /** A view of the frame. */
  readonly payload: Uint8Array;
}

/** What was consumed. */
export interface AckFrame {
  readonly kind: 'ack';
  /** Number of the last message consumed. */
  readonly ack: number;
}

/** The last frame of a connection, and for `done` of the session. */
export interface FarewellFrame {
  readonly kind: 'farewell';
  readonly reason: FarewellReason;
  /** Number of the last message of the sender. */
  readonly sent: number;
  /** As of an ack. */
  readonly ack: number;
}

/** Any frame. */
export type ResumeFrame = HelloFrame | WelcomeFrame | DataFrame | AckFrame | FarewellFrame;

/** The bytes of a frame, in their own buffer. Integers are 0 … 2^53 − 1. */
export function encodeFrame(frame: ResumeFrame): Uint8Array {
  if (frame.kind === 'data') return encodeData(frame);
  const writer = new Writer(CONTROL_MAX);
  switch (frame.kind) {
    case 'hello':
      writer.bytes(HELLO, RESUME_VERSION).string(frame.id).integer(frame.epoch);
      if (frame.epoch > 0 && frame.secret) writer.string(frame.secret);
      return writer.integer(frame.received).integer(frame.windowMessages).integer(frame.windowBytes).done();
    case 'welcome':
      writer.bytes(WELCOME, RESUME_VERSION).string(frame.secret).integer(frame.epoch);
      writer.integer(frame.received).integer(frame.windowMessages).integer(frame.windowBytes);
      return writer.integer(frame.expireAfter).done();
    case 'ack':
      return writer.bytes(ACK).integer(frame.ack).done();
    case 'farewell':
      return writer.bytes(FAREWELL, REASONS.indexOf(frame.reason)).integer(frame.sent).integer(frame.ack).done();
  }
}

function encodeData({ number, ack, payload }: DataFrame): Uint8Array {
  const writer = new Writer(DATA_OVERHEAD + payload.length);
  return writer.bytes(DATA).integer(number).integer(ack).string(payload).done();
}

/**
 * Reads one frame. Looks at no more bytes than the frame may have.
 *
 * @throws ResumeError of the kind `violation` if it is none.
 */
export function decodeFrame(bytes: Uint8Array): ResumeFrame {
  const reader = new Reader(bytes);
  const type = reader.byte();
  if (type === DATA) return { kind: 'data', number: reader.integer(), ack: reader.integer(), payload: reader.rest() };
  const frame = decodeControl(type, reader);
  if (reader.rest().length > 0) throw violation(`a frame of type ${type} is longer than its content`);
  return frame;
}

function decodeControl(type: number, reader: Reader): ResumeFrame {
  switch (type) {
    case HELLO: {
      requireVersion(reader.byte());
      const id = reader.string(ID_BYTES);
      const epoch = reader.integer();
      const secret = epoch > 0 ? reader.string(ID_BYTES) : undefined;
      return { kind: 'hello', id, epoch, secret, ...handshake(reader) };
    }
    case WELCOME: {
      requireVersion(reader.byte());
      const secret = reader.string(ID_BYTES);
      const epoch = reader.integer();
      if (epoch === 0) throw violation('a welcome has no epoch');
      return { kind: 'welcome', secret, epoch, ...handshake(reader), expireAfter: reader.integer() };
    }
    case ACK:
      return { kind: 'ack', ack: reader.integer() };
    case FAREWELL: {
      const reason = REASONS[reader.byte()];
      if (reason === undefined) throw violation('a farewell has a reason that does not exist');
      return { kind: 'farewell', reason, sent: reader.integer(), ack: reader.integer() };
    }
    default:
      throw violation(`there is no frame of type ${type}`);
  }
}

function handshake(reader: Reader): Handshake {
  const received = reader.integer();
  const windowMessages = reader.integer();
  const windowBytes = reader.integer();
  if (windowMessages === 0 || windowBytes === 0) throw violation('a window is 0');
  return { received, windowMessages, windowBytes };
}

function requireVersion(version: number): void {
  if (version !== RESUME_VERSION) throw violation(`version ${version}, expected ${RESUME_VERSION}`);
}

class Writer {
  readonly #bytes: Uint8Array;
  #length = 0;

  constructor(most: number) {
    this.#bytes = new Uint8Array(most);
  }

  bytes(...values: number[]): this {
    for (const value of values) this.#bytes[this.#length++] = value;
    return this;
  }

  integer(value: number): this {
    let rest = value;
    for (; rest > 0x7f; rest = Math.floor(rest / 128)) this.#bytes[this.#length++] = (rest % 128) + 128;
    this.#bytes[this.#length++] = rest;
    return this;
  }

  string(value: Uint8Array): this {
    this.#bytes.set(value, this.#length);
    this.#length += value.length;
    return this;
  }

  done(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }
}

class Reader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  byte(): number {
    const value = this.#bytes[this.#at++];
    if (value === undefined) throw violation('a frame ends early');
    return value;
  }

  /** 0 … 2^53 − 1, in as few bytes as it takes. */
  integer(): number {
    let value = 0;
    let factor = 1;
    for (let i = 1; i <= INTEGER_BYTES; i++, factor *= 128) {
      const byte = this.byte();
      value += (byte & 0x7f) * factor;
      if (byte >= 0x80) continue;
      if (value > Number.MAX_SAFE_INTEGER || (byte === 0 && i > 1)) break;
      return value;
    }
    throw violation('an integer is too long');
  }

  /** A copy. */
  string(length: number): Uint8Array {
    if (this.#bytes.length < this.#at + length) throw violation('a frame ends early');
    const value = new Uint8Array(this.#bytes.subarray(this.#at, this.#at + length));
    this.#at += length;
    return value;
  }

  /** A view of what is left. */
  rest(): Uint8Array {
    return this.#bytes.subarray(this.#at);
  }
}
