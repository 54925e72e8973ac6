// Addresses as they are written on command lines.

import { UsageError } from './usage-error.ts';

/** A UDP address with a port, or with a range of them. */
export interface PortRange {
  readonly host: string;
  readonly first: number;
  readonly last: number;
}

/** Where streams come from or go to: a TCP address, or the path of a Unix socket. */
export type StreamAddress = { readonly host: string; readonly port: number } | { readonly path: string };

const ADDRESS = /^(?:\[([^\]]*)\]|([^:[\]]*)):(\d+)(?:-(\d+))?$/;

/** `host:port`, `:port`, `[::1]:port` or `host:first-last`. @throws UsageError */
export function portRange(name: string, text: string): PortRange {
  const [, ipv6, host = ipv6 ?? '', from = '', to = from] = ADDRESS.exec(text) ?? [];
  const [first, last] = [Number(from), Number(to)];
  if (from !== '' && last <= 65_535 && first <= last) return { host, first, last };
  throw new UsageError(`${name} must be host:port or host:first-last, got ${JSON.stringify(text)}`);
}

/** `host:port`, or the path of a Unix socket: what has no port is one, as in kcptun. @throws UsageError */
export function streamAddress(name: string, text: string): StreamAddress {
  if (text === '') throw new UsageError(`${name} must be host:port or the path of a Unix socket, got nothing`);
  if (!/:[^/]*$/.test(text)) return { path: text };
  const { host, first, last } = portRange(name, text);
  if (first !== last) throw new UsageError(`${name} must have one port, got ${JSON.stringify(text)}`);
  return { host, port: first };
}

/** One of the ports, by chance. */
export function anyPort({ first, last }: PortRange): number {
  return first + Math.floor(Math.random() * (last - first + 1));
}
