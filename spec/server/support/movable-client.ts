// A server and a client over datagrams that whoever runs the network records, repeats, and sends on from wherever it likes. Virtual time.

import { Subject } from 'rxjs';
import { type Address, type Cipher, connect, type ListenOptions, listen, type PeerBurst, type Session } from 'rxkcp';
import { VirtualScheduler } from 'rxkcp/testing';
import { addressKey } from '../../../src/link/link.ts';
import { words } from '../../support/marbles.ts';

type Burst = readonly Uint8Array[];

const copied = (burst: Burst): Uint8Array[] => burst.map((datagram) => datagram.slice());

export class MovableClient {
  readonly scheduler = new VirtualScheduler();
  readonly sessions: Session[] = [];
  /** What the server's sessions have delivered. */
  readonly received: string[] = [];
  /** What the client's has. */
  readonly echoed: string[] = [];
  /** All datagrams of the client, and all of the server for it. */
  readonly outgoing: Uint8Array[] = [];
  readonly incoming: Uint8Array[] = [];
  /** What the client's session failed with. */
  readonly failures: unknown[] = [];
  session: Session | undefined;
  /** Where the client is, for the server. */
  at: Address;
  readonly #toServer = new Subject<PeerBurst>();
  readonly #toClient = new Subject<Uint8Array[]>();

  constructor(at: Address, cipher: Cipher, options: Partial<ListenOptions> = {}, delay = 10) {
    this.at = at;
    const { scheduler } = this;
    const hub = {
      local: { address: '10.0.0.9', port: 9 },
      incoming: this.#toServer,
      outgoing: {
        next: ({ peer, burst }: PeerBurst) => {
          const datagrams = copied(burst);
          // What leaves for an address that it has left does not arrive.
          const arrive = (): void => {
            if (addressKey(peer) !== addressKey(this.at)) return;
            this.incoming.push(...datagrams);
            this.#toClient.next(copied(datagrams));
          };
          scheduler.schedule(arrive, delay);
        },
      },
    };
    listen({ mode: 'fast3', ...options, scheduler, cipher, link: hub } as ListenOptions).subscribe((session) => {
      this.sessions.push(session);
      session.subscribe((message) => {
        this.received.push(words(message));
        session.next(message);
      });
    });
    const link = {
      incoming: this.#toClient,
      outgoing: {
        next: (burst: Burst) => {
          this.outgoing.push(...copied(burst));
          const from = this.at;
          const datagrams = copied(burst);
          scheduler.schedule(() => this.toServer(from, ...datagrams), delay);
        },
      },
    };
    connect({ mode: 'fast3', scheduler, cipher, link }).subscribe((session) => {
      this.session = session;
      session.subscribe({
        next: (message) => this.echoed.push(words(message)),
        error: (error) => this.failures.push(error),
      });
    });
    this.run(1);
  }

  toServer(peer: Address, ...burst: Uint8Array[]): void {
    this.#toServer.next({ peer, burst });
  }

  toClient(...burst: Uint8Array[]): void {
    this.#toClient.next(burst);
  }

  /** Lets `ms` go by. */
  run(ms: number): void {
    this.scheduler.run(this.scheduler.now() + ms);
  }
}
