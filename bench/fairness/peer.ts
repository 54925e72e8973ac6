// One end of a bulk transfer, for npm run fairness: peer.ts send|receive KIND HOST PORT WINDOW.

import { readFileSync, writeFileSync } from 'node:fs';
import { connect as connectTcp, createServer } from 'node:net';
import { connect, listen, type SessionOptions } from 'rxkcp';

/** What a receiver tells its parent, several times per second. */
export interface Report {
  readonly bytes: number;
}

const [role, kind = '', host = '', portText, window] = process.argv.slice(2);
const port = Number(portText);
const [, controller] = kind.split(':');
const size = window === 'auto' ? 4096 : Number(window);
const sendWindow = window === 'auto' && controller !== 'none' && controller !== 'kcp' ? 'auto' : size;
const options = {
  stream: true,
  mode: 'fast3',
  sendWindow,
  receiveWindow: size,
  deadAfter: 0,
  controller: controller as never,
} as const satisfies SessionOptions;
const CHUNK = new Uint8Array(64 * 1024);

let bytes = 0;
const count = (chunk: Uint8Array): void => {
  bytes += chunk.length;
};

if (role === 'receive') {
  if (controller === undefined)
    createServer((socket) => socket.on('data', count).on('error', () => {})).listen(port, host);
  else {
    const { sendWindow: _, controller: __, ...receiving } = options;
    listen({ port, host, ...receiving }).subscribe((session) => session.subscribe(count));
  }
  setInterval(() => process.send?.({ bytes } satisfies Report), 200);
} else if (controller === undefined) {
  // Of this network namespace. To set what is set already may be forbidden.
  const setting = '/proc/sys/net/ipv4/tcp_congestion_control';
  if (readFileSync(setting, 'utf8').trim() !== kind) writeFileSync(setting, kind);
  const socket = connectTcp(port, host);
  const fill = (): void => {
    while (socket.write(CHUNK));
  };
  socket
    .on('connect', fill)
    .on('drain', fill)
    .on('error', () => {});
} else {
  connect({ port, host, ...options }).subscribe(async (session) => {
    for (;;) await session.send(CHUNK);
  });
}
