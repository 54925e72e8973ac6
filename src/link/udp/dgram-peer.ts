// The peer's address for a lent socket of node:dgram: of an IP version that the socket sends to, and spelled as the socket
// spells the senders of received datagrams.

import type { Socket } from 'node:dgram';
import { isIPv6, SocketAddress } from 'node:net';
import { networkInterfaces } from 'node:os';
import { OptionError } from '../../errors.ts';

/** An IPv4 address in the form of IPv6. */
const MAPPED = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/;
/** fe80::/10. */
const LINK_LOCAL = /^fe[89ab]/;

/** An IP version; 0 is either. */
export type Family = 0 | 4 | 6;

/**
 * The IP version of the peers that a socket can send to.
 *
 * @param wanted option `family`.
 * @throws OptionError if that is another. What the system says, if the socket is not bound.
 */
export function familyOfPeers(socket: Socket, wanted: Family): Family {
  const { address } = socket.address();
  const family = reachableFrom(address);
  if (family === 0 || wanted === 0) return family === 0 ? wanted : family;
  if (family !== wanted) throw new OptionError('family', wanted, `${family} for a socket bound to ${address}`);
  return family;
}

/** An IPv6 socket sends to IPv4 peers if it is bound to all addresses, or to an IPv4 address in the form of IPv6. */
function reachableFrom(local: string): Family {
  if (!isIPv6(local) || MAPPED.test(local)) return 4;
  // (Not if it is `ipv6Only`, which Node does not report.)
  return local === '::' ? 0 : 6;
}

/**
 * The address of a peer as a socket bound to `local` takes and reports it. Undefined if it is not of `family`.
 *
 * @param address an IP address, however it is spelled.
 */
export function peerAddress(local: string, address: string, family: Family = 0): string | undefined {
  const short = isIPv6(address) ? shortest(address) : address;
  const ipv4 = isIPv6(short) ? MAPPED.exec(short)?.[1] : short;
  if (family !== 0 && family !== (ipv4 === undefined ? 6 : 4)) return undefined;
  if (ipv4 === undefined) return short;
  return isIPv6(local) ? `::ffff:${ipv4}` : ipv4;
}

/** The shortest spelling, with a zone only if the address is link-local. */
function shortest(address: string): string {
  const [bare = address, zone] = address.split('%');
  const short = new SocketAddress({ address: bare, family: 'ipv6' }).address;
  return zone !== undefined && LINK_LOCAL.test(short) ? `${short}%${zoneAsReported(zone)}` : short;
}

/** A zone is the name of an interface or its number. Node reports the number on Windows, the name elsewhere. */
function zoneAsReported(zone: string): string {
  const zones = Object.entries(networkInterfaces()).flatMap(([name, addresses = []]) =>
    addresses.flatMap((address) =>
      address.family === 'IPv6' && address.scopeid > 0 ? [{ name, number: `${address.scopeid}` }] : [],
    ),
  );
  const found = zones.find(({ name }) => name === zone) ?? zones.find(({ number }) => number === zone);
  if (found === undefined) return zone;
  return process.platform === 'win32' ? found.number : found.name;
}
