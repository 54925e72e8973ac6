// Serving: an Observable of sessions, one for each remote address that begins a conversation.

import { Observable, of } from 'rxjs';
import { openUdpHub } from '#udp';
import { arqSettings } from '../arq/options.ts';
import { checkOptions, requireFunction, requireObservable } from '../check.ts';
import { adoptHub, type CustomHub } from '../link/custom.ts';
import { claimLink } from '../link/in-use.ts';
import { checkLink, frozenAddress, type Hub } from '../link/link.ts';
import type { UdpListenOptions } from '../link/udp/options.ts';
import { settledOptions } from '../session/options.ts';
import { sealedHub } from '../session/sealed.ts';
import type { Session } from '../session/session.ts';
import { IDLE_TIMEOUT, SERVER_NAMES, type ServerOptions, serverLimits } from './options.ts';
import { Server } from './server.ts';

/** A server on a hub of the caller's. */
export interface HubListenOptions {
  /** Carries the datagrams of all peers, for one server at a time. */
  link: CustomHub;
}

/** Where to listen, on UDP or a hub of the caller's, and how. */
export type ListenOptions = ServerOptions & (UdpListenOptions | HubListenOptions);

/**
 * Serves sessions. Subscribing binds, unsubscribing closes the socket and all sessions.
 *
 * ```
 * listen   --s1------s2--s3---   one for each peer that begins a conversation
 * listen   --#                   the port is taken, or the socket failed: so have all sessions
 * ```
 *
 * A session is made by the packet that carries a conversation's segment 0, or by an out-of-band datagram. What comes from the middle of a conversation
 * (this server was restarted, say) is neither taken up nor acknowledged: its sender runs into `DeadLinkError` or
 * `PeerRestartedError` and learns that data was lost. A new conversation from a known address ends the old session (`closed$` says `peer`),
 * unless it is one that ended, and only its first packet comes late or once more. See spec/interop/DEVIATIONS.md.
 *
 * A client that vanishes is no failure of the server: the messages of its session complete, and `closed$` has the error (see `peerLoss`). What
 * your own handler throws or rejects is: run handlers with `serve`, which closes the session of the one that fails, and no other. A session
 * that you leave (by `switchMap`, say) stays open, and is acknowledged until its window is full; `serve` and `converse` close it.
 *
 * @example
 * listen({ port: 4000, mode: 'fast3' }).subscribe(session => session.subscribe(session)); // echo
 *
 * @example
 * listen({ port: 4000, stream: true }).pipe(
 *   serve(session => session.pipe(decodeJson(), encodeJson(), sendTo(session))), // ends the session that sends no JSON
 * ).subscribe({ error: console.error });
 *
 * @param options where to listen, and how; copied. See {@link UdpListenOptions} and {@link ServerOptions}.
 * @throws OptionError at once, naming the option that is wrong. The Observable fails with {@link AddressInUseError}, {@link LinkInUseError},
 * {@link HostNotFoundError}, {@link SocketClosedError} or {@link SocketError}.
 * @see kcp-go sess.go, ListenWithOptions, ServeConn, Listener.packetInput.
 */
export function listen(options: ListenOptions): Observable<Session> {
  const settled = settledOptions(options);
  settled.idleTimeout ??= IDLE_TIMEOUT;
  const isShared = 'reusePort' in settled && settled.reusePort === true;
  const limits = serverLimits(settled, arqSettings(settled).receiveWindow, isShared);
  const { onListening, cipher } = settled;
  if (onListening !== undefined) requireFunction('onListening', onListening);
  if (settled.closing$ !== undefined) requireObservable('closing$', settled.closing$);
  let hubs: Observable<Hub>;
  if ('link' in settled) {
    checkOptions(settled, { ...SERVER_NAMES, link: true });
    checkLink(settled.link);
    hubs = of(adoptHub(settled.link));
  } else {
    hubs = openUdpHub(settled, SERVER_NAMES);
  }
  return new Observable((subscriber) => {
    subscriber.add(
      hubs.subscribe({
        next: (hub) => {
          try {
            subscriber.add(claimLink('link' in settled ? settled.link : hub));
            onListening?.(frozenAddress(hub.local));
          } catch (error) {
            subscriber.error(error);
            return;
          }
          const bare = cipher === undefined ? hub : sealedHub(hub, cipher);
          new Server(bare, settled, limits, subscriber).start();
        },
        error: (error) => subscriber.error(error),
      }),
    );
  });
}
