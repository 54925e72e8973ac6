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

/** Options for serving over a custom hub. */
export interface HubListenOptions {
  /** Carries the datagrams of all peers, for one server at a time. */
  link: CustomHub;
}

/** Options of {@link listen}: the address, on UDP or a custom hub, and the settings of the sessions. */
export type ListenOptions = ServerOptions & (UdpListenOptions | HubListenOptions);

/**
 * Listens for sessions and emits one for each peer that starts a conversation.
 *
 * Subscribing binds the socket. Unsubscribing closes the socket and all its sessions.
 *
 * ```
 * listen   --s1------s2--s3---   one session per peer
 * listen   --#                   the port is taken, or the socket failed; all sessions fail with the same error
 * ```
 *
 * A session starts when segment 0 of a conversation arrives, or an out-of-band datagram. Packets from the middle of an unknown conversation,
 * for example after a restart of this server, are neither delivered nor acknowledged. The sender fails with `DeadLinkError` or
 * `PeerRestartedError`, so no data is lost silently. A new conversation from a known address ends the old session (`closed$`
 * reports `peer`), unless it is a late duplicate of an ended one. See spec/interop/DEVIATIONS.md.
 *
 * A client that vanishes is no failure of the server: the messages of its session complete, and `closed$` has the error (see `peerLoss`). Run
 * handlers with `serve`: an error of a handler then closes its own session only. A session that you drop, for example by `switchMap`,
 * stays open and is acknowledged until its receive window is full; `serve` and `converse` close it.
 *
 * @example
 * listen({ port: 4000, mode: 'fast3' }).subscribe(session => session.subscribe(session)); // echo
 *
 * @example
 * listen({ port: 4000, stream: true }).pipe(
 *   serve(session => session.pipe(decodeJson(), encodeJson(), sendTo(session))), // ends the session that sends no JSON
 * ).subscribe({ error: console.error });
 *
 * @param options the address and the settings of its sessions; copied. See {@link UdpListenOptions} and {@link ServerOptions}.
 * @throws OptionError if an option is invalid; `error.option` names it. The Observable fails with {@link AddressInUseError},
 * {@link LinkInUseError}, {@link HostNotFoundError}, {@link SocketClosedError} or {@link SocketError}.
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
