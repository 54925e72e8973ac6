// The addon of native/src as the link sees it.

import { loadAddon, say } from '../../../native/load.ts';

declare const HANDLE: unique symbol;
/** A socket of the addon's; anything else in its place is a TypeError. It is closed when it is collected, unless it was started: then only by `close`. */
export type Handle = { readonly [HANDLE]: true };

/** An address as the system has it (sockaddr), its length at 28, and at 29 whether its route takes batches. 32 bytes. */
export type AddressRecord = Uint8Array<ArrayBuffer>;

/** Options of `set`, by number. */
export const REUSE_PORT = 0;
export const RECEIVE_BUFFER = 1;
export const SEND_BUFFER = 2;
export const TRAFFIC_CLASS = 3;
export const DONT_FRAGMENT = 4;

/** Words of a row of `rows`, and the first of its sockaddr. */
export const ROW_WORDS = 12;
export const ROW_SOCKADDR = 4;

/**
 * What a wake-up of the socket brings: `rows` rows are to be read from the addon's `rows`, about bytes in `slots`
 * (undefined without rows), which are lent for the length of the call. `errors` datagrams got lost, or were refused by their peer.
 */
export type WakeUp = (rows: number, slots: ArrayBuffer | undefined, errors: number, writable: boolean) => void;

/** Numbers below zero are system errors (`-errno`). */
export interface Addon {
  /** Of the wake-up that is under way: offset, bytes, size of each datagram, whether the peer is that of the row before; sockaddr. */
  readonly rows: Int32Array;
  /**
   * Of the last `send`: packets given up, and the errno that stopped it, or 0. Of that or the wake-up that is under way: the errno that
   * the system has reported of the socket, or 0. ECONNREFUSED goes before others.
   */
  readonly report: Int32Array;
  create(family: 4 | 6): Handle | number;
  bind(handle: Handle, record: AddressRecord): number;
  connect(handle: Handle, record: AddressRecord): number;
  set(handle: Handle, option: number, value: number): number;
  start(handle: Handle, wakeUp: WakeUp): number;
  /** Whether the wake-ups to come are about room to send, too. */
  want(handle: Handle, writable: boolean): void;
  /**
   * Sends packets. On a socket that is not connected, those up to index `ends[i]` go to `records[i]`. Returns the
   * index of the first that is still to be sent.
   */
  send(handle: Handle, packets: Uint8Array[], ends?: number[], records?: AddressRecord[]): number;
  close(handle: Handle): void;
  /** Undefined for what is no IP address. */
  record(address: string, port: number): AddressRecord | undefined;
  text(record: AddressRecord): string;
  /** The socket's own. */
  address(handle: Handle): AddressRecord | undefined;
}

/** The addon; undefined where there is none, and while RXKCP_NATIVE is 0. With NODE_DEBUG=rxkcp a line says which. */
export function nativeAddon(): Addon | undefined {
  const addon = loadAddon('UDP', 'node:dgram');
  if (addon !== undefined) say('UDP', 'by the native link');
  return addon as Addon | undefined;
}
