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
import { MTU_DEFAULT } from '../limits.ts';
import type { Link } from '../link/link.ts';
import { Observable, type Observer, type SchedulerLike } from '../rx/rxjs.ts';
import { identity } from '../rx/rxjs-more.ts';
import { type DatagramCounts, Egress } from './egress.ts';
import type { SessionEnd } from './end.ts';
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

/** What a pipeline tells its session. */
export interface PipelineEvents extends FarewellEvents {
  /** The conversation has ended, by itself if nothing else is said. */
  ended(end?: SessionEnd): void;
}

const makeFarewell: MakeFarewell = (...of) => new Farewell(...of);

/** Of the counters that `arq` and FEC make it is the observer itself. */
export class Pipeline implements Observer<Burst> {
  readonly arq: ArqDriver;
  readonly egress: Egress;
  readonly outOfBand: OutOfBand;
  readonly counters: DatagramCounts = { InPkts: 0, InBytes: 0, OutPkts: 0, OutBytes: 0 };
  /** Takes messages to be sent, once the layers are joined. (A Subject would take half a kilobyte more.) */
  outgoing!: Observer<Message>;
  /** Bytes that a datagram has in addition to its KCP packet. */
  readonly overhead: number;
  /** Bytes of the link's, on each datagram. */
  readonly linkOverhead: number;
  readonly #link: Link;
  readonly #fec: FecDirections;
  #mtu: number;
  /** Set when the layers are joined. */
  #events!: PipelineEvents;

  constructor(link: Link, options: SettledOptions) {
    const { mtu = MTU_DEFAULT } = options;
    this.#link = link;
    this.#fec = options.fec ?? {};
    this.linkOverhead = link.overhead ?? 0;
    this.overhead = this.linkOverhead + (this.sendsFec ? FEC_OVERHEAD : 0);
    this.#mtu = mtu;
    const conversation = {
      ...withBundle(options),
      mtu: mtu - this.overhead,
      sendsInOrder: link.sendsInOrder,
    };
    this.arq = new ArqDriver({ ...arqSettings(conversation), farewell: makeFarewell });
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
    (this.arq.block.farewell as Farewell).isHalf = isHalf;
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
   * @param events gets the end of the conversation, and what leads to it.
   */
  join(messages: Observer<Uint8Array>, events: PipelineEvents, scheduler: SchedulerLike): void {
    this.#events = (this.arq.block.farewell as Farewell).events = events;
    const { arq, counters } = this;
    const { encode, decode } = this.#fec;
    new Observable<Message>((subscriber) => {
      this.outgoing = subscriber;
    })
      .pipe(arq.transmit, encode ? encodedIn(encode, scheduler) : identity)
      .subscribe(this);
    const outOfBand = (packet: Uint8Array, seqid: number): void => {
      if (!this.outOfBand.input(packet, seqid)) arq.counters.KCPInErrors++;
    };
    // As in kcp-go, what is received counts opened.
    const received = (burst: Burst): void => {
      counters.InBytes += bytesIn(burst);
      counters.InPkts += burst.length;
    };
    this.#link.incoming
      .pipe(decodedFrom(decode, arq.counters, outOfBand, arq.conv, received), arq.receive)
      .subscribe(messages);
  }

  /** Datagrams are to be sent. */
  next(burst: Burst): void {
    this.egress.send(burst);
  }

  error(error: unknown): void {
    this.#events.ended({ reason: 'failed', error });
    // If it was the layer between that failed, the conversation goes on.
    this.arq.fail(error);
  }

  complete(): void {
    this.#events.ended();
  }
}
