// Hubs and links of the addon without a session above them.

import { readdirSync, readlinkSync } from 'node:fs';
import type { Observable, Subscription } from 'rxjs';
import type { Address, Burst, Hub, Link } from 'rxkcp';
import type { Addon } from '../../../../src/link/udp/native/addon.ts';
import { openNativeHub, openNativeLink } from '../../../../src/link/udp/native/udp.ts';
import type { UdpConnectOptions, UdpListenOptions } from '../../../../src/link/udp/options.ts';

/** One end: what it has received, and how to send. */
export interface End<Channel> {
  readonly channel: Channel;
  /** Copies of all that came. */
  readonly received: Uint8Array[];
  /** From whom, for each datagram; of a hub only. */
  readonly peers: Address[];
  /** As they came: lent, so that all but their lengths is gone. */
  readonly bursts: Burst[];
  /** Called with each burst. */
  onBurst: (burst: Burst, peer: Address | undefined) => void;
  /** Resolves once `count` datagrams have come in all. */
  until(count: number): Promise<void>;
  close(): void;
}

export async function openHub(addon: Addon, options: Partial<UdpListenOptions> = {}): Promise<End<Hub>> {
  const hub = await firstOf(openNativeHub(addon, { host: '127.0.0.1', port: 0, ...options }));
  return collect(hub, (take) => hub.incoming.subscribe(({ peer, burst }) => take(burst, peer)));
}

export async function openLink(addon: Addon, options: UdpConnectOptions): Promise<End<Link>> {
  const link = await firstOf(openNativeLink(addon, options));
  return collect(link, (take) => link.incoming.subscribe((burst) => take(burst, undefined)));
}

/** The first, kept open. (`firstValueFrom` would close it again.) */
function firstOf<T>(source: Observable<T>): Promise<T> {
  return new Promise((next, error) => void source.subscribe({ next, error }));
}

function collect<Channel>(
  channel: Channel,
  subscribe: (take: (burst: Burst, peer: Address | undefined) => void) => Subscription,
): End<Channel> {
  const received: Uint8Array[] = [];
  const peers: Address[] = [];
  const bursts: Burst[] = [];
  let waiting: { count: number; resolve: () => void }[] = [];
  const subscription = subscribe((burst, peer) => {
    bursts.push(burst);
    received.push(...burst.map((datagram) => datagram.slice()));
    end.onBurst(burst, peer);
    if (peer !== undefined) peers.push(...burst.map(() => peer));
    for (const { resolve } of waiting.filter(({ count }) => received.length >= count)) resolve();
    waiting = waiting.filter(({ count }) => received.length < count);
  });
  const end: End<Channel> = {
    channel,
    received,
    peers,
    bursts,
    onBurst: () => {},
    until: (count) =>
      new Promise((resolve) => {
        if (received.length >= count) resolve();
        else waiting.push({ count, resolve });
      }),
    close: () => subscription.unsubscribe(),
  };
  return end;
}

/** Datagrams of these lengths, each filled with its number and made in memory of its own, or side by side. */
export function datagrams(lengths: readonly number[], together = false): Uint8Array[] {
  const memory = new Uint8Array(lengths.reduce((sum, length) => sum + length, 0));
  let offset = 0;
  return lengths.map((length, index) => {
    const bytes = together ? memory.subarray(offset, offset + length) : new Uint8Array(length);
    offset += length;
    return bytes.fill(index + 1);
  });
}

/** Lengths and first bytes: enough to tell datagrams of `datagrams` apart, and quick to compare. */
export function shape(burst: readonly Uint8Array[]): string[] {
  return burst.map((datagram) => {
    const first = datagram[0];
    return `${datagram.length}:${datagram.every((byte) => byte === first) ? (first ?? '') : 'mixed'}`;
  });
}

/** Sockets that this process has open. */
export function socketCount(): number {
  return readdirSync('/proc/self/fd').filter((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`).startsWith('socket:');
    } catch {
      return false;
    }
  }).length;
}
