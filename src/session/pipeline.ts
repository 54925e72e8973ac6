// The pipeline of the house: the layer operators, joined to one link in both directions.
//
//   link.incoming ──► fecDecode ──► arq.receive ──► messages
//   link.outgoing ◄── egress ◄── fecEncode ◄── arq.transmit ◄── messages
//
// (The link seals and opens by itself, if it is to: sealed.ts.)

import { withBundle } from '#bundling';
import { decodedFrom } from '../../operators/fec-decode.ts';
import { encodedIn } from '../../operators/fec-encode.ts';
import { ArqDriver } from '../arq/driver.ts';
import { arqSettings } from '../arq/options.ts';
import { type Burst, bytesIn } from '../bytes/burst.ts';
import { checked, checkOptions } from '../check.ts';
import { FEC_OVERHEAD, OOB_CONV } from '../core/fec/header.ts';
import { Farewell, type FarewellEvents, type MakeFarewell } from '../core/kcp/farewell.ts';
import type { Message } from '../core/kcp/message.ts';
import { Counters } from '../counters/counters.ts';
import { MTU_DEFAULT } from '../limits.ts';
import type { Link } from '../link/link.ts';
import { type Observer, Subject } from '../rx/rxjs.ts';
import { identity } from '../rx/rxjs-more.ts';
import { Egress } from './egress.ts';
import {
  EGRESS_CHECKS,
  type FecDirections,
  requireMtu,
  SESSION_NAMES,
  SESSION_TUNABLE_NAMES,
  type SessionTunableOptions,
  type SettledOptions,
} from './options.ts';
import { OutOfBand } from './out-of-band.ts';

export class Pipeline {
  readonly arq: ArqDriver;
  readonly egress: Egress;
  readonly outOfBand: OutOfBand;
  /** What the layers below the ARQ count. */
  readonly counters = new Counters();
  /** Messages to be sent. */
  readonly outgoing = new Subject<Message>();
  /** Bytes that a datagram has in addition to its KCP packet. */
  readonly overhead: number;
  /** Bytes of the link's, on each datagram. */
  readonly linkOverhead: number;
  readonly #link: Link;
  readonly #fec: FecDirections;
  /** Made with the conversation. */
  #farewell!: Farewell;
  #mtu: number;

  /** @param events how far the ends are. */
  constructor(link: Link, options: SettledOptions, events: FarewellEvents) {
    const { mtu = MTU_DEFAULT } = options;
    this.#link = link;
    this.#fec = options.fec ?? {};
    this.linkOverhead = link.overhead ?? 0;
    this.overhead = this.linkOverhead + (this.sendsFec ? FEC_OVERHEAD : 0);
    this.#mtu = mtu;
    const farewell: MakeFarewell = (sending, receiver, rtt, now) => {
      this.#farewell = new Farewell(sending, receiver, rtt, now, events);
      return this.#farewell;
    };
    const conversation = {
      ...withBundle(options),
      mtu: mtu - this.overhead,
      sendsInOrder: link.sendsInOrder,
    };
    this.arq = new ArqDriver({ ...arqSettings(conversation), farewell });
    this.outOfBand = new OutOfBand(this.arq.conv, this.sendsFec);
    this.egress = new Egress(link, this.counters, this.arq, options);
  }

  /** Whether this end sends parity, and so in FEC's framing. */
  get sendsFec(): boolean {
    return this.#fec.encode !== undefined;
  }

  /** Most bytes of an out-of-band payload; 0 without FEC. */
  get oobMax(): number {
    return this.sendsFec ? this.#mtu - this.overhead - OOB_CONV : 0;
  }

  /** Nothing more will be sent. @param isHalf whether to stay until the peer has finished, too. */
  finish(isHalf: boolean): void {
    this.#farewell.isHalf = isHalf;
    this.outgoing.complete();
    // Nothing changes, but it looks again whether it may leave.
    this.arq.configure({});
  }

  /** @throws OptionError and changes nothing. */
  configure(changes: SessionTunableOptions): void {
    checkOptions(changes, SESSION_TUNABLE_NAMES, SESSION_NAMES);
    checked(changes, EGRESS_CHECKS);
    const { rateLimit, duplicates, keepAlive, mtu, ...others } = changes;
    if (mtu !== undefined) requireMtu(mtu, this.overhead);
    this.arq.configure(mtu === undefined ? others : { ...others, mtu: mtu - this.overhead });
    this.#mtu = mtu ?? this.#mtu;
    this.egress.configure({ rateLimit, duplicates, keepAlive });
  }

  /**
   * Joins the layers.
   *
   * @param messages gets what is received, and the end of that: when all that had come before the end is read.
   * @param sending gets the end of the other direction, which is that of the session.
   */
  join(messages: Observer<Uint8Array>, sending: Omit<Observer<void>, 'next'>, { scheduler }: SettledOptions): void {
    const { arq, counters } = this;
    const { encode, decode } = this.#fec;
    const protect = encode ? encodedIn(encode, scheduler) : identity;
    const outOfBand = (packet: Uint8Array, seqid: number): void => {
      if (!this.outOfBand.input(packet, seqid)) counters.KCPInErrors++;
    };
    // As in kcp-go, what is received counts opened.
    const received = (burst: Burst): void => {
      counters.InBytes += bytesIn(burst);
      counters.InPkts += burst.length;
    };
    const recover = decodedFrom(decode, counters, outOfBand, arq.conv, received);
    this.outgoing.pipe(arq.transmit, protect).subscribe({
      next: (burst) => this.egress.send(burst),
      error: (error) => {
        sending.error(error);
        // If it was the layer between that failed, the conversation goes on.
        arq.fail(error);
      },
      complete: () => sending.complete(),
    });
    this.#link.incoming.pipe(recover, arq.receive).subscribe(messages);
  }
}
