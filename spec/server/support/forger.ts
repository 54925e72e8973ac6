// A server in virtual time, and whoever writes datagrams in anybody's name, counting what leaves for whom.

import { Subject, type Subscription } from 'rxjs';
import {
  type Address,
  type Hub,
  type ListenOptions,
  listen,
  type PeerBurst,
  type Session,
  type SessionEnd,
} from 'rxkcp';
import { VirtualScheduler } from 'rxkcp/testing';
import { readInt32 } from '../../../src/bytes/int.ts';
import { addressKey } from '../../../src/link/link.ts';
import { ack, words } from '../../support/marbles.ts';

export const alice: Address = { address: '10.0.0.1', port: 1000 };
export const bob: Address = { address: '10.0.0.2', port: 2000 };
export const carol: Address = { address: '10.9.0.3', port: 3000 };

const PUSH = 81;

export class ForgedNetwork {
  readonly scheduler = new VirtualScheduler();
  readonly incoming = new Subject<PeerBurst>();
  readonly sessions: Session[] = [];
  readonly messages: string[] = [];
  readonly ends: SessionEnd[] = [];
  readonly subscription: Subscription;
  /** Bytes that came, and left, by address. */
  readonly came = new Map<string, number>();
  readonly left = new Map<string, number>();
  /** All datagrams that left, in order. */
  readonly sent: { readonly to: string; readonly datagram: Uint8Array }[] = [];

  /** @param priority what the hub does of strangers and others. */
  constructor(
    options: Partial<ListenOptions> = {},
    handler: (session: Session) => void = () => {},
    priority?: Hub['priority'],
  ) {
    const link = {
      local: { address: '10.0.0.9', port: 9 },
      incoming: this.incoming,
      outgoing: { next: ({ peer, burst }: PeerBurst) => this.#out(peer, burst) },
      priority,
    };
    const { scheduler } = this;
    this.subscription = listen({ scheduler, mode: 'fast3', ...options, link } as ListenOptions).subscribe((session) => {
      const name = this.sessions.push(session);
      session.subscribe((message) => this.messages.push(`${name}:${words(message)}`));
      session.closed$.subscribe((end) => this.ends.push(end));
      handler(session);
    });
  }

  #out(peer: Address, burst: readonly Uint8Array[]): void {
    const to = addressKey(peer);
    for (const datagram of burst) {
      this.left.set(to, this.leftFor(peer) + datagram.length);
      this.sent.push({ to, datagram: datagram.slice() });
    }
  }

  from(peer: Address, ...burst: Uint8Array[]): void {
    const bytes = burst.reduce((sum, { length }) => sum + length, this.came.get(addressKey(peer)) ?? 0);
    this.came.set(addressKey(peer), bytes);
    this.incoming.next({ peer, burst });
  }

  leftFor(peer: Address): number {
    return this.left.get(addressKey(peer)) ?? 0;
  }

  /** What may leave for an address before it is proven. */
  allowedFor(peer: Address, mtu = 1400): number {
    return 3 * (this.came.get(addressKey(peer)) ?? 0) + mtu;
  }

  /** The last challenge that left for `peer`; undefined if none did. */
  challengeOf(peer: Address): Uint8Array | undefined {
    const key = addressKey(peer);
    return this.sent.findLast(({ to, datagram }) => to === key && datagram.length === 24 && datagram[4] === PUSH)
      ?.datagram;
  }

  /** What the peer answers to it, as every KCP peer does. */
  answerOf(peer: Address): Uint8Array {
    const challenge = this.challengeOf(peer);
    if (challenge === undefined) throw new Error('there was no challenge');
    return ack(readInt32(challenge, 12), readInt32(challenge, 8), 0, { conv: readInt32(challenge, 0) });
  }
}
