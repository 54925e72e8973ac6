// Datagrams outside the conversation (kcp-go sess.go, SendOOB, SetOOBHandler): not retransmitted, not
// ordered, not acknowledged. They travel in FEC's framing, with the conversation in front of the
// payload, and are not part of any group.
//
// The network may deliver a datagram twice, so each one is numbered in the header's seqid. kcp-go
// writes 0xffffffff there and ignores the field on receipt (sess.go, kcpInput and
// Listener.packetInput, up to v5.7.5): it understands our numbers, and its datagrams are not told
// apart.

import { readInt32, writeInt32 } from '../bytes/int.ts';
import { ensure } from '../check.ts';
import { FEC_OVERHEAD, OOB_CONV, OOB_SEQID, TYPE_OOB, writeFecHeader, writeSize } from '../core/fec/header.ts';
import { FecRequiredError, OobTooLargeError } from '../errors.ts';
import { type Observable, Subject, throwError } from '../rx/rxjs.ts';
import { RepeatWindow } from './repeat-window.ts';

/** Datagrams that wait for the session's first handler. */
const EARLY_MAX = 32;

export class OutOfBand {
  readonly #conv: number;
  readonly #payloads: Subject<Uint8Array> | undefined;
  /** The number of the next datagram that is sent. */
  #next = 0;
  /** Made for the first numbered datagram that arrives. */
  #received: RepeatWindow | undefined;
  /** Payloads that came before the first subscription was possible; none after `start`. */
  #early: Uint8Array[] | undefined = [];

  /** @param available whether this end uses FEC, and so its framing. */
  constructor(conv: number, available: boolean) {
    this.#conv = conv;
    this.#payloads = available ? new Subject() : undefined;
  }

  /** Payloads as they come; completes with the session. */
  get received$(): Observable<Uint8Array> {
    return this.#payloads?.asObservable() ?? throwError(() => new FecRequiredError(this.#conv));
  }

  /** From here on payloads are delivered as they come. */
  start(): void {
    const early = this.#early ?? [];
    this.#early = undefined;
    for (const payload of early) this.#payloads?.next(payload);
  }

  end(): void {
    this.#payloads?.complete();
  }

  /**
   * Takes in what came out of band. A repeated datagram is dropped, provided that the peer numbers
   * them.
   *
   * @param packet conversation and payload; lent for the duration of the call.
   * @param seqid of the datagram.
   * @returns false when it is not of this conversation.
   */
  input(packet: Uint8Array, seqid: number): boolean {
    if (packet.length < OOB_CONV || readInt32(packet, 0) !== (this.#conv | 0)) return false;
    if (seqid !== OOB_SEQID) {
      this.#received ??= new RepeatWindow();
      if (!this.#received.isNew(seqid)) return true;
    }
    // A copy: the subscriber's for good, and a small one does not keep a whole slab of the socket
    // alive.
    const payload = packet.slice(OOB_CONV);
    if (!this.#early) this.#payloads?.next(payload);
    else if (this.#early.length < EARLY_MAX) this.#early.push(payload);
    return true;
  }

  /** The datagram that carries `payload`, for the link. */
  packet(payload: Uint8Array): Uint8Array {
    const packet = new Uint8Array(FEC_OVERHEAD + OOB_CONV + payload.length);
    writeFecHeader(packet, this.#next, TYPE_OOB);
    this.#next = (this.#next + 1) % OOB_SEQID;
    writeSize(packet);
    writeInt32(packet, FEC_OVERHEAD, this.#conv);
    packet.set(payload, FEC_OVERHEAD + OOB_CONV);
    return packet;
  }
}

/** @throws OptionError, OobTooLargeError */
export function checkPayload(payload: unknown, limit: number): void {
  const { length } = ensure<Uint8Array>('payload', payload, payload instanceof Uint8Array, 'a Uint8Array');
  if (length > limit) throw new OobTooLargeError(length, limit);
}
