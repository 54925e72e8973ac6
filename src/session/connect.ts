// Dialling: a cold Observable of one session.

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

/** A session over a link of the caller's. */
export interface LinkConnectOptions {
  /** Carries the datagrams, of one session at a time. */
  link: CustomLink;
}

/** Whom to talk to, over UDP or a link of the caller's, and how. */
export type ConnectOptions = SessionOptions & (UdpConnectOptions | LinkConnectOptions);

/**
 * Opens a session. Cold: each subscription makes a socket and a session with a conversation of its own, so `retry`,
 * `timeout` and `race` work. (A link of your own carries one session at a time: while it does, another
 * subscription fails with {@link LinkInUseError}.)
 *
 * ```
 * connect   --s-----------|    s: the socket is ready; |: the session has ended, whatever the reason
 * connect   --#                no address, no socket
 * ```
 *
 * KCP has no handshake: the session is there before the peer has sent anything. A peer that is not there shows on the session once
 * something was sent: as `ConnectionRefusedError` at once, if its host says that the port is closed; else as `DeadLinkError`, after
 * `deadAfter` (30 s). A failure of the session is reported once: it ends the Observable of messages,
 * and completes this one. To dial again:
 *
 * ```
 * connect(…).pipe(converse(session => …), retry({ delay: 1000 }))                     // a new session after each failure
 * connect(…).pipe(switchMap(session => session), retry({ delay: 1000 }))              // the same, if you only read
 * connect(…).pipe(repeat({ delay: 1000 }))                                             // sessions, one after the other, however each ended
 * ```
 *
 * **Keep the subscription:** unsubscribing closes the session at once (see {@link Session.close}). A deadline on
 * dialling is `timeout({ first: ms })`.
 *
 * @example
 * connect({ port: 4000, mode: 'fast3' }).subscribe(session => {
 *   session.subscribe(message => console.log(message));
 *   session.next(new TextEncoder().encode('hello'));
 * });
 *
 * @param options whom to talk to, and how; copied. See {@link UdpConnectOptions} and {@link SessionOptions}.
 * @throws OptionError at once, naming the option that is wrong. The Observable fails with {@link HostNotFoundError}
 * or {@link SocketError}.
 * @see kcp-go sess.go, DialWithOptions, NewConn.
 */
export function connect(options: ConnectOptions): Observable<Session> {
  const settled = settledOptions(options);
  const { cipher } = settled;
  let links: Observable<Link>;
  if ('link' in settled) {
    checkOptions(settled, { ...SESSION_NAMES, link: true });
    checkLink(settled.link);
    links = of(adoptLink(settled.link));
  } else {
    links = openUdpLink(settled, SESSION_NAMES);
  }
  return new Observable((subscriber) => {
    subscriber.add(
      links.subscribe({
        next: (link) => {
          let session: Session;
          let releaseLink = (): void => {};
          try {
            releaseLink = claimLink('link' in settled ? settled.link : link);
            session = new Session(cipher ? sealedLink(link, cipher) : link, settled, 'active', releaseLink);
          } catch (error) {
            // The link is in use, or a source of randomness or a clock of the caller's has failed.
            releaseLink();
            subscriber.error(error);
            return;
          }
          subscriber.add(() => session.close());
          subscriber.next(session);
          session.start();
          subscriber.add(session.closed$.subscribe(() => subscriber.complete()));
        },
        error: (error) => subscriber.error(error),
      }),
    );
  });
}
