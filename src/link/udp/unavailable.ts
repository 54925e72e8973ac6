// Stands in for UDP where it is unavailable (browsers). Sessions over any other Link still work. There is nothing that options could be
// wrong for.

import { SocketError } from '../../errors.ts';
import { type Observable, throwError } from '../../rx/rxjs.ts';
import type { Hub } from '../link.ts';
import type { UdpConnectOptions, UdpLink, UdpListenOptions } from './options.ts';

const unavailable = (): SocketError =>
  new SocketError('no UDP sockets on this platform: give connect or listen a link', undefined, 'ERR_NO_UDP');

export function openUdpLink(_options: UdpConnectOptions, _others: object): Observable<UdpLink> {
  return throwError(unavailable);
}

export function openUdpHub(_options: UdpListenOptions, _others: object): Observable<Hub> {
  return throwError(unavailable);
}
