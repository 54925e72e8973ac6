// Connecting: a cold Observable of one session.

import { openUdpLink } from '#udp';
import { checkOptions } from '../check.ts';
import { adoptLink, type CustomLink } from '../link/custom.ts';
import { claimLink } from '../link/in-use.ts';
import { checkLink, type Link } from '../link/link.ts';
import type { UdpConnectOptions } from '../link/udp/options.ts';
import { Observable } from '../rx/rxjs.ts';
import { of } from '../rx/rxjs-more.ts';
import { SESSION_NAMES, type SessionOptions, settledOptions } from './options.ts';
import { sealedLink } from './sealed.ts';
import { Session } from './session.ts';

/** Options for connecting over a custom link. */
export interface LinkConnectOptions {
  /** Carries the datagrams of one session at a time. */
  link: CustomLink;
}

/** Options of {@link connect}: the peer, over UDP or a custom link, and the settings of the session. */
export type ConnectOptions = SessionOptions & (UdpConnectOptions | LinkConnectOptions);

/**
 * Opens a session with one peer. Cold: each subscription creates its own session.
 *
 * Over UDP, each subscription opens its own socket and chooses a random conversation id, so `retry`, `race` and `timeout` work as on
 * any cold Observable. A custom `link` carries one session at a time; meanwhile, another subscription fails with {@link LinkInUseError}.
 *
 * ```
 * connect   --s-----------|    s: the socket is ready; |: the session has ended, for any reason
 * connect   --#                the host could not be resolved, or the socket could not be opened
 * ```
 *
 * KCP has no handshake: the session is emitted before any packet from the peer arrives. A missing peer shows up later, on the session, once you
 * have sent something: as `ConnectionRefusedError` if its host reports that the port is closed, else as `DeadLinkError` after `deadAfter`
 * (30 s). A failure of the session errors its messages and completes this Observable. To reconnect:
 *
 * ```
 * connect(…).pipe(converse(session => …), retry({ delay: 1000 }))                     // a new session after each failure
 * connect(…).pipe(switchMap(session => session), retry({ delay: 1000 }))              // the same, if you only read
 * connect(…).pipe(repeat({ delay: 1000 }))                                            // one session after another, whatever ended the last
 * ```
 *
 * **Keep the subscription:** unsubscribing closes the session at once (see {@link Session.close}). To limit only the time until the socket is
 * ready, use `timeout({ first: ms })`.
 *
 * @example
 * connect({ port: 4000, mode: 'fast3' }).subscribe(session => {
 *   session.subscribe(message => console.log(message));
 *   session.next(new TextEncoder().encode('hello'));
 * });
 *
 * @param options the peer and the settings of the session; copied. See {@link UdpConnectOptions} and {@link SessionOptions}.
 * @throws OptionError if an option is invalid; `error.option` names it. The Observable fails with {@link HostNotFoundError}
 * or {@link SocketError}.
 * @see kcp-go sess.go, DialWithOptions, NewConn.
 */
export function connect(options: ConnectOptions): Observable<Session> {
  const settled = settledOptions(options);
  const { cipher } = settled;
  let links: Observable<Link>;
  let custom: CustomLink | undefined;
  if ('link' in settled) {
    custom = settled.link;
    checkOptions(settled, { ...SESSION_NAMES, link: true });
    checkLink(custom);
    links = of(adoptLink(custom));
  } else {
    links = openUdpLink(settled, SESSION_NAMES);
  }
  return new Observable((subscriber) =>
    links.subscribe({
      next: (link) => {
        let session: Session;
        let releaseLink: (() => void) | undefined;
        try {
          releaseLink = claimLink(custom ?? link);
          session = new Session(cipher ? sealedLink(link, cipher) : link, settled, 'active', releaseLink);
        } catch (error) {
          // The link is in use, or the caller's random source or clock has failed.
          releaseLink?.();
          subscriber.error(error);
          return;
        }
        // (On Node only: #rebinding.)
        session.follow?.(custom ?? link);
        subscriber.add(() => session.close());
        subscriber.next(session);
        session.start();
        session.closed$.subscribe(() => subscriber.complete());
      },
      error: (error) => subscriber.error(error),
    }),
  );
}
