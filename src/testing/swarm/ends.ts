// The two ends of a swarm: processes that dial or listen, are killed, and come back without memory.

import { Subject, Subscription } from 'rxjs';
import type { Burst } from '../../bytes/burst.ts';
import type { Link, PeerBurst } from '../../link/link.ts';
import { listen } from '../../server/listen.ts';
import { connect } from '../../session/connect.ts';
import type { SessionOptions } from '../../session/options.ts';
import type { Session } from '../../session/session.ts';

const CLIENT = { address: '10.0.0.1', port: 1001 };
const STRANGER = { address: '10.0.0.9', port: 9009 };
const SERVER = { address: '10.0.0.2', port: 2002 };

/** What both ends are made of. */
export interface EndSettings {
  readonly options: Omit<SessionOptions, 'conv'>;
  readonly inOrder: boolean;
  readonly send: (burst: Burst) => void;
  readonly opened: (session: Session) => void;
}

/** One process of an end, which may be killed. */
class Life extends Subscription {
  isKilled = false;

  kill(): void {
    this.isKilled = true;
    this.unsubscribe();
  }
}

/** The end that dials. */
export class Dialer {
  readonly #settings: EndSettings;
  #life: Life | undefined;
  #incoming: Subject<Burst> | undefined;

  constructor(settings: EndSettings) {
    this.#settings = settings;
  }

  dial(conv: number): void {
    const life = new Life();
    const incoming = new Subject<Burst>();
    const { options, inOrder, send, opened } = this.#settings;
    const link: Link = {
      incoming,
      sendsInOrder: inOrder,
      outgoing: {
        next: (burst) => {
          if (!life.isKilled) send(burst);
        },
      },
      local: CLIENT,
      remote: SERVER,
    };
    this.#life = life;
    this.#incoming = incoming;
    life.add(connect({ ...options, conv, link }).subscribe(opened));
  }

  receive(burst: Burst): void {
    this.#incoming?.next(burst);
  }

  /** Closes the session, with its last words; or kills it. */
  end(how: 'close' | 'kill'): void {
    if (how === 'kill') this.#life?.kill();
    else this.#life?.unsubscribe();
    this.#incoming = undefined;
  }
}

/** The end that listens. */
export class Listener {
  readonly #settings: EndSettings;
  #life: Life | undefined;
  #incoming: Subject<PeerBurst> | undefined;

  constructor(settings: EndSettings) {
    this.#settings = settings;
  }

  get isUp(): boolean {
    return this.#incoming !== undefined;
  }

  listen(): void {
    const life = new Life();
    const incoming = new Subject<PeerBurst>();
    const { options, inOrder, send, opened } = this.#settings;
    const link = {
      incoming,
      sendsInOrder: inOrder,
      outgoing: {
        next: ({ peer, burst }: PeerBurst) => {
          if (!life.isKilled && peer.port === CLIENT.port) send(burst);
        },
      },
      local: SERVER,
    };
    this.#life = life;
    this.#incoming = incoming;
    // An end that has nothing to do has no timer.
    life.add(listen({ idleTimeout: 0, ...options, link }).subscribe(opened));
  }

  receive(burst: Burst, isStrange = false): void {
    this.#incoming?.next({ peer: isStrange ? STRANGER : CLIENT, burst });
  }

  /** Closes all sessions, with their last words; or kills them. */
  end(how: 'close' | 'kill'): void {
    if (how === 'kill') this.#life?.kill();
    else this.#life?.unsubscribe();
    this.#incoming = undefined;
  }
}
