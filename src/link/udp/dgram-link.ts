// A socket of node:dgram that is connected to one peer.

import type { Socket } from 'node:dgram';
import { Observable, type Subscriber } from 'rxjs';
import type { Burst } from '../../bytes/burst.ts';
import type { PacketMemory } from '../../bytes/slab.ts';
import { ConnectionRefusedError } from '../../errors.ts';
import type { Address } from '../link.ts';
import { attach, collector, localAddress } from './dgram-attachment.ts';
import { DatagramSender } from './dgram-sender.ts';
import { type OtherSockets, RebindableLink } from './rebindable-link.ts';

/** The kernel filters for us, and needs no address for each datagram. */
export class DgramLink extends RebindableLink {
  readonly sendsInOrder: boolean;
  readonly remote: Address;
  protected readonly others: OtherSockets<this>;
  #socket: Socket;
  #sender: DatagramSender;
  #taken: () => void;
  #isRefusable: boolean;
  #subscriber: Subscriber<Burst> | undefined;
  #release: (atOnce?: boolean) => void = () => {};

  /**
   * @param taken to be called when the link takes the socket over.
   * @param isRefusable see `openNativeLink`.
   */
  constructor(
    socket: Socket,
    remote: Address,
    taken: () => void,
    isRefusable: boolean,
    others: OtherSockets<DgramLink>,
  ) {
    super(localAddress(socket));
    this.remote = remote;
    this.others = others as OtherSockets<this>;
    this.#socket = socket;
    this.#sender = this.#senderOf(socket);
    this.#taken = taken;
    this.#isRefusable = isRefusable;
    this.sendsInOrder = this.#sender.reportsQueue;
  }

  get memory(): PacketMemory | undefined {
    return this.sendsInOrder ? this.#sender.memory : undefined;
  }

  get outgoing(): this {
    return this;
  }

  next(burst: Burst): void {
    this.#sender.send(burst);
  }

  get incoming(): Observable<Burst> {
    return new Observable((subscriber) => {
      this.#subscriber = subscriber;
      this.#attach(subscriber);
      return () => {
        this.#subscriber = undefined;
        this.#release();
      };
    });
  }

  protected get isCarrying(): boolean {
    return this.#subscriber !== undefined;
  }

  protected leaveSocket(): void {
    // What waits in the last socket is lost: its memory is about to be written to by this end.
    this.#release(true);
    this.#release = () => {};
  }

  protected takeSocketOf(other: this): void {
    this.leaveSocket();
    this.#socket = other.#socket;
    this.#sender = this.#senderOf(other.#socket);
    this.#taken = other.#taken;
    this.#isRefusable = false;
    if (this.#subscriber !== undefined) this.#attach(this.#subscriber);
  }

  #attach(subscriber: Subscriber<Burst>): void {
    this.#taken();
    const collect = collector(this.#sender, subscriber);
    const take = (datagram: Uint8Array): void => {
      this.#isRefusable = false;
      collect(datagram);
    };
    this.#release = attach(this.#socket, this.#sender, this.local.port, subscriber, take, this.#failed);
  }

  #senderOf(socket: Socket): DatagramSender {
    return new DatagramSender(socket, false, (error) => {
      if (socket === this.#socket) this.#failed(error);
    });
  }

  readonly #failed = ({ code = '' }: NodeJS.ErrnoException): void => {
    if (code === 'ECONNREFUSED' && this.#isRefusable) this.#subscriber?.error(new ConnectionRefusedError(this.remote));
    else this.mend(code);
  };
}
