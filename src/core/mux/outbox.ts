// What a smux session has to send. It is decided when the connection has room for it: first keepalives, SYN and window updates, then
// data and FIN of the streams in turn.

import { Fifo } from '../../bytes/fifo.ts';
import { Slab } from '../../bytes/slab.ts';
import { FIN, HEADER, NOP, PSH, SYN, UPDATE_LENGTH, writeHeader, writeUpdate } from './frame.ts';
import type { ReceiveWindows } from './receive-windows.ts';
import type { MuxSettings } from './settings.ts';
import type { StreamEnd } from './stream-end.ts';
import { Turns } from './turns.ts';

export class Outbox {
  readonly #settings: MuxSettings;
  readonly #hasWindows: boolean;
  readonly #windows: ReceiveWindows;
  readonly #finished: (stream: StreamEnd) => void;
  readonly #turns: Turns;
  /** Streams that owe a SYN or a window update. */
  readonly #owing = new Fifo<StreamEnd>();
  /** Ids that were refused. */
  readonly #refused = new Fifo<number>();
  #owesNop = false;
  /** Headers: never written to again, for a connection may hold on to them. */
  readonly #slab = new Slab();
  /** Frames sent. */
  frames = 0;

  /** @param finished called with a stream whose FIN was taken. */
  constructor(settings: MuxSettings, windows: ReceiveWindows, finished: (stream: StreamEnd) => void) {
    this.#settings = settings;
    this.#hasWindows = settings.version === 2;
    this.#windows = windows;
    this.#finished = finished;
    this.#turns = new Turns(settings.sharedFrameSize);
  }

  /** Whether `take` may return something. */
  get isWanted(): boolean {
    return this.#owesNop || this.#owing.length > 0 || this.#refused.length > 0 || this.#turns.length > 0;
  }

  /** Refusals that wait to be sent. */
  get refusals(): number {
    return this.#refused.length;
  }

  open(stream: StreamEnd): void {
    stream.owesSyn = true;
    this.#owing.push(stream);
  }

  /** The stream may have something to send. */
  wake(stream: StreamEnd): void {
    const { outgoing, isFinishing } = stream;
    const isReady = outgoing.length > 0 ? stream.room(this.#hasWindows) > 0 : isFinishing;
    if (isReady) this.#turns.add(stream);
  }

  update(stream: StreamEnd): void {
    if (!stream.owesSyn && !stream.owesUpdate) this.#owing.push(stream);
    stream.owesUpdate = true;
  }

  refuse(id: number): void {
    this.#refused.push(id);
  }

  keepAlive(): void {
    this.#owesNop = true;
  }

  /** Takes frames, about `most` bytes of them, appended to `pieces`. */
  take(most: number, pieces: Uint8Array[], now: number): void {
    let bytes = 0;
    while (bytes < most) {
      const frame = this.#takeControl(pieces, now) || this.#takeTurn(most - bytes, pieces);
      if (frame === 0) return;
      bytes += frame;
    }
  }

  /** Takes a frame that goes before all data. Returns its bytes; 0 if there is none. */
  #takeControl(pieces: Uint8Array[], now: number): number {
    if (this.#owesNop) {
      this.#owesNop = false;
      return this.#takeHeader(NOP, 0, 0, pieces);
    }
    const stream = this.#owing.first;
    if (stream) {
      const { owesSyn } = stream;
      if (!owesSyn || !stream.owesUpdate) this.#owing.shift();
      if (owesSyn) {
        stream.owesSyn = false;
        return this.#takeHeader(SYN, 0, stream.id, pieces);
      }
      stream.owesUpdate = false;
      return this.#takeUpdate(stream, pieces, now);
    }
    const refused = this.#refused.shift();
    if (refused === undefined) return 0;
    // Nothing will be sent, and nothing will be read.
    return this.#takeHeader(FIN, 0, refused, pieces) + this.#takeHeader(FIN, 0, refused, pieces);
  }

  /** Takes a frame of the stream whose turn it is. Returns its bytes; 0 if no stream has anything to send. */
  #takeTurn(most: number, pieces: Uint8Array[]): number {
    const { maxFrameSize, sharedFrameSize } = this.#settings;
    for (let stream = this.#turns.next(); stream; stream = this.#turns.next()) {
      const { outgoing } = stream;
      const isAlone = this.#turns.length === 1;
      // The last frame is cut to what is wanted: the segments of a session are then full.
      const frameMax = Math.min(isAlone ? maxFrameSize : sharedFrameSize, Math.max(most - HEADER, 1));
      const length = Math.min(outgoing.length, frameMax, stream.room(this.#hasWindows));
      if (length > 0) {
        const header = this.#takeHeader(PSH, length, stream.id, pieces);
        outgoing.take(length, pieces);
        stream.written += length;
        this.#turns.spent(stream, header + length);
        stream.owner?.sent();
        return header + length;
      }
      this.#turns.rest(stream);
      if (outgoing.length > 0 || !stream.isFinishing) continue;
      const bytes = this.#takeFin(stream, pieces);
      if (bytes > 0) return bytes;
    }
    return 0;
  }

  /** Takes the FIN that is due, and a second one to tell that nothing will be read either. */
  #takeFin(stream: StreamEnd, pieces: Uint8Array[]): number {
    if (stream.isForgotten) return 0;
    let bytes = 0;
    if (!stream.hasFinished) {
      stream.hasFinished = true;
      bytes += this.#takeHeader(FIN, 0, stream.id, pieces);
    }
    // A peer that has finished, too, forgets the stream with the first FIN.
    if (stream.isClosed && !stream.peerFinished) bytes += this.#takeHeader(FIN, 0, stream.id, pieces);
    stream.owner?.sent();
    this.#finished(stream);
    return bytes;
  }

  #takeHeader(command: number, length: number, id: number, pieces: Uint8Array[]): number {
    this.#slab.reserve(HEADER);
    const header = this.#slab.take(HEADER);
    writeHeader(header, this.#settings.version, command, length, id);
    pieces.push(header);
    this.frames++;
    return HEADER;
  }

  #takeUpdate(stream: StreamEnd, pieces: Uint8Array[], now: number): number {
    const length = HEADER + UPDATE_LENGTH;
    this.#slab.reserve(length);
    const frame = this.#slab.take(length);
    writeUpdate(frame, this.#settings.version, stream.id, stream.consumed, this.#windows.tell(stream, now));
    pieces.push(frame);
    this.frames++;
    return length;
  }
}
