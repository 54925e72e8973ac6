// Every option of a server beside those of its sessions.

import type { Observable } from 'rxjs';
import type { OptionNames } from '../check.ts';
import type { Address } from '../link/link.ts';
import { SESSION_NAMES, type SessionOptions } from '../session/options.ts';

/** Settings of a server, in addition to those of its sessions. */
export interface ServerOptions extends Omit<SessionOptions, 'conv'> {
  /** Called with the address once the server is bound to it: the way to learn a port that the system chose. */
  onListening?: ((local: Address) => void) | undefined;
  /** Sessions at a time, 1 … 1000000. Clients beyond learn it: they fail with `ServerFullError`. Default 65536. */
  maxSessions?: number | undefined;
  /** Strangers at a time whose first segment is still missing, 1 … 4096; each may have up to 32 packets here. Default 128. */
  backlog?: number | undefined;
  /**
   * When it emits, the server closes gracefully: new clients are refused, and fail with `ServerClosingError`; sessions are completed; and when
   * the last of them has ended, `listen` completes. An error of it is one of the server. Default: the server closes when it is unsubscribed
   * from, and its sessions with it.
   */
  closing$?: Observable<unknown> | undefined;
}

const { conv: _, ...OTHERS } = SESSION_NAMES;

/** Names of what a server can be made with, apart from where it listens. */
export const SERVER_NAMES: OptionNames<ServerOptions> = {
  ...OTHERS,
  onListening: true,
  maxSessions: true,
  backlog: true,
  closing$: true,
};
