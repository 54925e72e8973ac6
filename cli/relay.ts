// `rxkcp relay`: a bad network on the way to a UDP server. All chance comes from a seed.

import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { lookup } from 'node:dns/promises';
import { Subject, type Subscription } from 'rxjs';
import type { Burst } from 'rxkcp';
import { type Impairments, impairBursts } from 'rxkcp/testing';
import { portRange } from './address.ts';
import { UsageError } from './usage-error.ts';

export interface RelayOptions {
  /** `host:port` to listen on, and to pass datagrams on to. */
  readonly listen: string;
  readonly target: string;
  readonly impairments: Impairments;
  readonly seed: number;
}

/** Bytes of each kernel buffer: datagrams are to be lost by chance, and by nothing else. */
const BUFFER = 4 * 1024 * 1024;
/** ms of silence after which a client is forgotten, as by a router. */
const FORGET_AFTER = 120_000;

interface Client {
  /** The target knows the client by this socket. */
  readonly upstream: Socket;
  readonly up: Subject<Burst>;
  readonly down: Subject<Burst>;
  readonly lanes: Subscription;
  seenAt: number;
}

/** Relays until a signal ends it. @throws UsageError */
export async function runRelay({ listen, target, impairments, seed }: RelayOptions): Promise<void> {
  const { host, first: port } = portRange('--listen', listen);
  const { host: targetHost, first: targetPort } = portRange('--target', target);
  const { address, family } = await lookup(targetHost || '127.0.0.1').catch((error: Error) => {
    throw new UsageError(`--target: ${error.message}`);
  });
  const front = newSocket(host.includes(':') ? 6 : 4);
  const clients = new Map<string, Client>();
  let numbers = 0;

  const newClient = (from: RemoteInfo): Client => {
    const upstream = newSocket(family);
    const [up, down] = [new Subject<Burst>(), new Subject<Burst>()];
    const number = numbers++;
    const lane = (bursts: Subject<Burst>, direction: number, send: (datagram: Uint8Array) => void): Subscription =>
      bursts
        .pipe(impairBursts(impairments, { seed: (seed + 2 * number + direction) | 0 }))
        .subscribe((burst) => burst.forEach(send));
    const lanes = lane(up, 0, (datagram) => upstream.send(datagram, targetPort, address));
    lanes.add(lane(down, 1, (datagram) => front.send(datagram, from.port, from.address)));
    const client = { upstream, up, down, lanes, seenAt: performance.now() };
    upstream.bind(0, () => enlarge(upstream));
    upstream.on('message', (datagram, { port: fromPort }) => {
      client.seenAt = performance.now();
      if (fromPort === targetPort) down.next([datagram]);
    });
    return client;
  };
  const forget = setInterval(() => {
    for (const [key, { seenAt, lanes, upstream }] of clients) {
      if (performance.now() - seenAt < FORGET_AFTER) continue;
      clients.delete(key);
      lanes.unsubscribe();
      upstream.close();
    }
  }, 10_000);

  await new Promise<void>((resolve, reject) => {
    front.once('error', (error) => reject(new UsageError(`--listen: ${error.message}`)));
    front.bind(port, host || undefined, () => {
      enlarge(front);
      const local = front.address();
      console.log(`relay listens on ${local.address} port ${local.port}, to ${address} port ${targetPort}`);
      resolve();
    });
  });
  front.on('message', (datagram, from) => {
    const key = `${from.address}|${from.port}`;
    const client = clients.get(key) ?? newClient(from);
    clients.set(key, client);
    client.seenAt = performance.now();
    client.up.next([datagram]);
  });
  await new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, resolve);
  });
  clearInterval(forget);
  front.close();
  for (const { lanes, upstream } of clients.values()) {
    lanes.unsubscribe();
    upstream.close();
  }
}

function newSocket(family: number): Socket {
  const type = family === 6 ? 'udp6' : 'udp4';
  // Addresses are numbers already. A port without a listener does not stop a relay.
  return createSocket({ type, lookup: (address, _, done) => done(null, address, family) }).on('error', () => {});
}

function enlarge(socket: Socket): void {
  try {
    socket.setRecvBufferSize(BUFFER);
    socket.setSendBufferSize(BUFFER);
  } catch {
    // Some systems refuse what is over their limit; their own default has to do.
  }
}
