// UDP on Node: the native link where there is one, node:dgram elsewhere. Other platforms get unavailable.ts (package
// imports, #udp).

import type { Observable } from 'rxjs';
import { checkOptions } from '../../check.ts';
import { abortable } from '../../rx/abortable.ts';
import type { Hub } from '../link.ts';
import { afterClosing } from './closing.ts';
import { openDgramHub, openDgramLink } from './dgram.ts';
import { nativeAddon } from './native/addon.ts';
import { openNativeHub, openNativeLink } from './native/udp.ts';
import {
  checkUdpConnect,
  checkUdpListen,
  UDP_CONNECT_NAMES,
  UDP_LISTEN_NAMES,
  type UdpConnectOptions,
  type UdpLink,
  type UdpListenOptions,
} from './options.ts';

/**
 * Emits a link to the peer once its socket is ready. The link closes the socket when it is unsubscribed from.
 *
 * @param others names of the options that are not about UDP.
 * @throws OptionError at once.
 */
export function openUdpLink(
  options: UdpConnectOptions,
  others: Readonly<Record<string, unknown>>,
): Observable<UdpLink> {
  checkOptions(options, { ...UDP_CONNECT_NAMES, ...others });
  checkUdpConnect(options);
  if (options.socket !== undefined) return abortable(openDgramLink(options), options.signal);
  const addon = nativeAddon();
  const opening = addon === undefined ? openDgramLink(options, true) : openNativeLink(addon, options, true);
  return abortable(afterClosing(options.localPort ?? 0, opening), options.signal);
}

/**
 * Emits a hub once its socket is bound. The hub closes the socket when it is unsubscribed from.
 *
 * @param others names of the options that are not about UDP.
 * @throws OptionError at once.
 */
export function openUdpHub(options: UdpListenOptions, others: Readonly<Record<string, unknown>>): Observable<Hub> {
  checkOptions(options, { ...UDP_LISTEN_NAMES, ...others });
  checkUdpListen(options);
  if (options.socket !== undefined) return abortable(openDgramHub(options), options.signal);
  const addon = nativeAddon();
  const opening = addon === undefined ? openDgramHub(options) : openNativeHub(addon, options);
  return abortable(afterClosing(options.port ?? 0, opening), options.signal);
}
