// Ports for servers that must be told theirs. What asks the system for a port, lets it go and opens it again may find that another took it
// meanwhile: the system hands out the same range to everybody. These are below that range.

import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';

const FIRST = 10_000;
/** Ports for each worker of a run, so that no two workers try the same one. */
const EACH = 1000;
const WORKERS = 10;

const worker = Number(process.env.VITEST_POOL_ID ?? 0) % WORKERS;
let next = Math.floor(Math.random() * EACH);

/** A port of the loopback address that is free for TCP and for UDP. */
export async function freePort(): Promise<number> {
  for (let tried = 0; tried < EACH; tried++) {
    const port = FIRST + worker * EACH + (next++ % EACH);
    if ((await isFreeForTcp(port)) && (await isFreeForUdp(port))) return port;
  }
  throw new Error(`none of ${EACH} ports is free`);
}

async function isFreeForTcp(port: number): Promise<boolean> {
  const server = createServer();
  const opened = once(server, 'listening').catch(() => undefined);
  server.listen(port, '127.0.0.1');
  if ((await opened) === undefined) return false;
  await new Promise((resolve) => server.close(resolve));
  return true;
}

async function isFreeForUdp(port: number): Promise<boolean> {
  const socket = createSocket('udp4');
  const opened = once(socket, 'listening').catch(() => undefined);
  socket.bind(port, '127.0.0.1');
  if ((await opened) === undefined) return false;
  await new Promise<void>((resolve) => socket.close(() => resolve()));
  return true;
}
