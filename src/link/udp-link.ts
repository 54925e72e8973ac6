// UDP without a session: links and hubs to wrap, tap and record before a session gets them.

import type { Observable } from 'rxjs';
import { openUdpHub, openUdpLink } from '#udp';
import type { Hub } from './link.ts';
import type { UdpConnectOptions, UdpLink, UdpListenOptions } from './udp/options.ts';

/**
 * Opens a socket for one peer and emits it as a link, for a session or for a program without one.
 *
 * `connect({ port })` does the same inside. Use this function to put something between the socket and the session: `impair`, a capture, a
 * layer of encryption. Cold: each subscription opens a socket. The link closes its socket when its `incoming` is unsubscribed from; a link
 * that is never subscribed to closes it when you unsubscribe from this Observable.
 *
 * Errors of the Observable: `HostNotFoundError`, `AddressInUseError`, `SocketError` (in browsers with the code `ERR_NO_UDP`).
 *
 * ```
 * udpLink   --l-      l: the link, once its socket is ready
 * ```
 *
 * @example
 * udpLink({ port: 4000 }).pipe(
 *   switchMap(link => connect({ link: impair({ loss: 0.1, delay: 50 })(link), mode: 'fast3' })),
 * ).subscribe(session => session.next(new TextEncoder().encode('hello')));
 *
 * @param options the peer and the socket; see {@link UdpConnectOptions}.
 * @throws OptionError at once, if an option is invalid; `error.option` names it.
 */
export function udpLink(options: UdpConnectOptions): Observable<UdpLink> {
  return openUdpLink({ ...options }, {});
}

/**
 * Opens a socket for many peers and emits it as a hub. Like {@link udpLink}, but for `listen({ link: hub })`.
 *
 * @example
 * udpHub({ port: 4000 }).pipe(
 *   switchMap(hub => listen({ link: hub, mode: 'fast3' })),
 * ).subscribe(session => session.subscribe(session));
 *
 * @param options the address and the socket; see {@link UdpListenOptions}.
 * @throws OptionError at once, if an option is invalid; `error.option` names it.
 */
export function udpHub(options: UdpListenOptions): Observable<Hub> {
  return openUdpHub({ ...options }, {});
}
