// One end of a resumable session, without I/O: what it keeps, what it expects, and which frame leaves next.

import { violation } from './errors.ts';
import { decodeFrame, encodeFrame, type FarewellFrame, type FarewellReason, type Handshake } from './frame.ts';
import { Incoming } from './incoming.ts';
import { Outgoing } from './outgoing.ts';
import type { ResumeRecord } from './record.ts';
import type { ResumeSettings } from './settings.ts';

/**
 * One end. It is told of connections, frames and the time, and keeps nothing of a connection that has ended.
 *
 * With a store (`isJournaled`), a message leaves after {@link ResumeEnd.markStored} has said that it is in the store, and what
 * was consumed is acknowledged after the store knows of it.
 */
export class ResumeEnd {
  readonly settings: ResumeSettings;
  readonly outgoing: Outgoing;
  readonly incoming: Incoming;
  readonly #isJournaled: boolean;
  #isAttached = false;
  /** When an acknowledgment is due, ms; undefined if none is. */
  #ackDue: number | undefined;

  /** @param isJournaled whether there is a store. @param record what another end has left, with the messages that were not acknowledged. */
  constructor(
    settings: ResumeSettings,
    isJournaled: boolean,
    record?: Pick<ResumeRecord, 'acked' | 'received' | 'isFinished' | 'isPeerFinished'>,
    messages: readonly Uint8Array[] = [],
  ) {
    this.settings = settings;
    this.#isJournaled = isJournaled;
    this.outgoing = new Outgoing(settings, record?.acked, messages, record?.isFinished);
    this.incoming = new Incoming(settings, record?.received, record?.isPeerFinished);
  }

  /** Whether there is a connection. */
  get isAttached(): boolean {
    return this.#isAttached;
  }

  /** What this end tells of itself when a connection begins. */
  greet(): Handshake {
    const { windowMessages, windowBytes } = this.settings;
    return { received: this.incoming.announce(), windowMessages, windowBytes };
  }

  /** Whether `received` is a number that the peer can have received last. */
  canResumeFrom(received: number): boolean {
    return received >= this.outgoing.acked && received <= this.outgoing.stored;
  }

  /** A connection begins. @param confirmAt when to acknowledge what the peer has said, ms; undefined: it need not be. */
  attach(peer: Handshake, confirmAt?: number): void {
    this.#isAttached = true;
    this.#ackDue = confirmAt;
    this.outgoing.attach(peer);
  }

  /** The connection has ended. */
  detach(): void {
    this.#isAttached = false;
    this.#ackDue = undefined;
  }

  /** Keeps a message, which is not written to any more; returns its number. @throws ResumeError of the kind `cap` */
  write(message: Uint8Array): number {
    this.outgoing.checkRoom(message.length);
    return this.outgoing.add(message, this.#isJournaled);
  }

  /** Nothing more is written. */
  finish(): void {
    this.outgoing.finish(this.#isJournaled);
  }

  /** Takes a frame of the connection, lent for the call; returns a farewell. @throws ResumeError */
  input(bytes: Uint8Array): FarewellFrame | undefined {
    const frame = decodeFrame(bytes);
    if (frame.kind === 'hello' || frame.kind === 'welcome') throw violation(`a second ${frame.kind}`);
    if (frame.ack > this.outgoing.sent) throw violation(`message ${frame.ack} was acknowledged before it was sent`);
    this.outgoing.acknowledge(frame.ack);
    if (frame.kind === 'farewell') return frame;
    if (frame.kind === 'data') this.incoming.input(frame.number, frame.payload);
    return undefined;
  }

  /** The next message to read. */
  read(): Uint8Array | undefined {
    return this.incoming.next();
  }

  /** Readers are done with what they have read. Returns whether that is new. */
  consume(now: number): boolean {
    const { consumed } = this.incoming;
    this.incoming.consume(this.#isJournaled);
    this.#updateAck(now);
    return this.incoming.consumed > consumed;
  }

  /** What of this end is in the store: messages up to `sent`, and that those up to `received` were consumed. */
  markStored(sent: number, received: number, now: number): void {
    this.outgoing.markStored(sent);
    this.incoming.stored = received;
    this.#updateAck(now);
  }

  /** The next frame to send over the connection; undefined if there is none. */
  next(now: number): Uint8Array | undefined {
    if (!this.#isAttached) return undefined;
    const payload = this.outgoing.next();
    if (payload) {
      this.#ackDue = undefined;
      return encodeFrame({ kind: 'data', number: this.outgoing.sent, ack: this.incoming.announce(), payload });
    }
    if (this.#ackDue === undefined || this.#ackDue > now) return undefined;
    this.#ackDue = undefined;
    return encodeFrame({ kind: 'ack', ack: this.incoming.announce() });
  }

  /** The last frame of a connection. Of what may not leave, it says nothing. */
  farewell(reason: FarewellReason): Uint8Array {
    return encodeFrame({ kind: 'farewell', reason, sent: this.outgoing.last, ack: this.incoming.announce() });
  }

  /** ms until `next` may have an acknowledgment; undefined if none is due. */
  nextTimeout(now: number): number | undefined {
    return this.#ackDue === undefined ? undefined : Math.max(this.#ackDue - now, 0);
  }

  #updateAck(now: number): void {
    const { stored, announced, isUrgent } = this.incoming;
    if (!this.#isAttached || stored === announced) return;
    this.#ackDue = isUrgent ? now : Math.min(this.#ackDue ?? Infinity, now + this.settings.ackDelay);
  }
}
