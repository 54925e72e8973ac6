// Options of UDP sockets, for connect and listen; free of node: so that any platform can check them.

import { ensure, type OptionNames, requireBoolean, requireInteger } from '../../check.ts';
import { OptionError } from '../../errors.ts';
import { isAbortSignal } from '../../rx/abortable.ts';
import type { Address, Link } from '../link.ts';

/** A socket of node:dgram, by what tells it from other things: these types are read where there is no Node, too. */
export interface DatagramSocket {
  /** The local address. */
  address(): Address;
  /** Closes it. */
  close(): unknown;
  /** Sends a datagram. */
  send(datagram: Uint8Array, port: number, address: string): void;
}

/** Options for a socket that rxkcp creates. */
export interface SocketOptions {
  /**
   * Aborting it closes the session or the server, and fails the Observable of `connect` or `listen` with the reason of the signal. Default none.
   * With a custom link, use `takeUntil(fromEvent(signal, 'abort'))`.
   */
  signal?: AbortSignal | undefined;
  /** Kernel's receive buffer in bytes; less if the system does not grant it. Default 4 MiB. */
  recvBufferSize?: number | undefined;
  /** Kernel's send buffer in bytes; less if the system does not grant it. Default 4 MiB. */
  sendBufferSize?: number | undefined;
  /**
   * Differentiated services code point of what is sent, 0 … 63 (46: expedited forwarding), kcp-go's `SetDSCP`. A hint to
   * the network, set by the native link only. Default: the system's, 0.
   */
  dscp?: number | undefined;
  /**
   * Whether datagrams that are too long for a route are dropped instead of cut in pieces. Ignored by `node:dgram`.
   * Default: the system's, which cuts.
   */
  dontFragment?: boolean | undefined;
}

/** The peer of a client over UDP, and the socket. */
export interface UdpConnectOptions extends SocketOptions {
  /** Host name or IP address of the peer, resolved once. Default `'127.0.0.1'`. */
  host?: string | undefined;
  /** UDP port of the peer, 1 … 65535. */
  port: number;
  /**
   * IP version to resolve a host name to, 4 or 6. Default: the first address in the system's order; with `socket`, the first
   * that the socket can send to. An IPv6 socket sends to IPv4 addresses, too; if yours is `ipv6Only`, set 6.
   */
  family?: 4 | 6 | undefined;
  /**
   * Own port, 0 … 65535. Default 0: any free one, which is right for nearly everybody. With a fixed one, a server takes the next
   * conversation for that of a client that has moved on, and ends the one before. When the socket is replaced because the local address
   * has changed or the system took the socket away, the new one gets this port, too, if no other program has it by then.
   */
  localPort?: number | undefined;
  /**
   * Your own socket, bound but not connected, to use instead of a new one. Only the peer's datagrams are taken from it. `connect`
   * fails with `HostNotFoundError` if the host has no address of the socket's IP version, and with `LinkInUseError` while another session
   * with that peer goes on over the socket.
   */
  socket?: DatagramSocket | undefined;
  /** Whether to close `socket` with the session. Default false. */
  closeSocket?: boolean | undefined;
}

/** A {@link Link} over UDP, which can change its socket. */
export interface UdpLink extends Link {
  /** Own address; another one after `rebind()`. */
  readonly local: Address;
  /** The peer's address. */
  readonly remote: Address;
  /**
   * Opens another socket and closes the one before. The new one has any free port; or `localPort`, if the local address has changed. A session that `connect` has made with this link itself sends
   * something at once; for one with a wrapped link (`impair(…)(link)`) call its `kick()`. See {@link Session.rebind}.
   *
   * @returns resolves with the new local address. Rejects with `NotRebindableError` for a socket of your own, or while no session uses the
   * link, and with `SocketError`; then the link keeps its socket.
   */
  rebind(): Promise<Address>;
}

/** Where a server listens on UDP. */
export interface UdpListenOptions extends SocketOptions {
  /** Port, 0 … 65535; 0: any free one. Not needed with `socket`. */
  port?: number | undefined;
  /** Local IP address or host name; `'::'` takes IPv6 and IPv4. Default `'0.0.0.0'`. */
  host?: string | undefined;
  /**
   * Whether other sockets may share the port (SO_REUSEPORT): the system spreads the peers over them, and each peer stays
   * with one while their number stays (docs/multi-core.md). All of them must ask for it. Without the native link it needs
   * Node 22.12, or 23.1 and later; before, the second socket fails with `AddressInUseError`. Default false.
   */
  reusePort?: boolean | undefined;
  /** Your own socket, bound but not connected, to use instead of a new one. */
  socket?: DatagramSocket | undefined;
  /** Whether to close `socket` when unsubscribed. Default false. */
  closeSocket?: boolean | undefined;
}

/** Default of both socket buffers, bytes. */
export const SOCKET_BUFFER_DEFAULT = 4 * 1024 * 1024;

const SOCKET_NAMES: OptionNames<SocketOptions> = {
  signal: true,
  recvBufferSize: true,
  sendBufferSize: true,
  dscp: true,
  dontFragment: true,
};

/** Names of whom a client talks to. */
export const UDP_CONNECT_NAMES: OptionNames<UdpConnectOptions> = {
  ...SOCKET_NAMES,
  host: true,
  port: true,
  family: true,
  localPort: true,
  socket: true,
  closeSocket: true,
};

/** Names of where a server listens. */
export const UDP_LISTEN_NAMES: OptionNames<UdpListenOptions> = {
  ...SOCKET_NAMES,
  host: true,
  port: true,
  reusePort: true,
  socket: true,
  closeSocket: true,
};

/** @throws OptionError */
export function checkUdpConnect(options: UdpConnectOptions): void {
  requireHost('host', options.host);
  requireInteger('port', options.port, 1, 65_535);
  if (options.family !== undefined && options.family !== 4 && options.family !== 6) {
    throw new OptionError('family', options.family, '4 or 6');
  }
  if (options.localPort !== undefined) requireInteger('localPort', options.localPort, 0, 65_535);
  checkSocket(options);
}

/** @throws OptionError */
export function checkUdpListen(options: UdpListenOptions): void {
  requireHost('host', options.host);
  if (options.socket === undefined || options.port !== undefined) requireInteger('port', options.port, 0, 65_535);
  if (options.reusePort !== undefined) requireBoolean('reusePort', options.reusePort);
  checkSocket(options);
}

function checkSocket(options: SocketOptions & { socket?: unknown; closeSocket?: unknown }): void {
  const { signal } = options;
  ensure('signal', signal, signal === undefined || isAbortSignal(signal), 'an AbortSignal');
  for (const name of ['recvBufferSize', 'sendBufferSize'] as const) {
    if (options[name] !== undefined) requireInteger(name, options[name], 1, 0x7fff_ffff);
  }
  if (options.dscp !== undefined) requireInteger('dscp', options.dscp, 0, 63);
  if (options.dontFragment !== undefined) requireBoolean('dontFragment', options.dontFragment);
  if (options.closeSocket !== undefined) requireBoolean('closeSocket', options.closeSocket);
  const socket = options.socket as Partial<DatagramSocket> | null | undefined;
  if (socket !== undefined && typeof socket?.send !== 'function') {
    throw new OptionError('socket', options.socket, 'a bound socket of node:dgram');
  }
}

/** Names a host, or leaves it to the default. */
export function requireHost(option: string, value: unknown): void {
  if (value !== undefined && (typeof value !== 'string' || value === '')) {
    throw new OptionError(option, value, 'a host name or an IP address');
  }
}
