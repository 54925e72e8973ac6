// A NAT between one client and a server: it forgets the client when that has sent nothing for a while, and what the server sends then is lost.

import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import type { Cleanup } from './cleanup.ts';

const HOST = '127.0.0.1';

/** @param timeout ms. Returns the port to dial, and how often the NAT has forgotten the client. */
export async function openNat(
  serverPort: number,
  timeout: number,
  cleanup: Cleanup,
): Promise<{ readonly port: number; readonly forgotten: () => number }> {
  const front = createSocket('udp4');
  let back: Socket | undefined;
  let timer: NodeJS.Timeout | undefined;
  let count = 0;
  const forget = (): void => {
    clearTimeout(timer);
    back?.close();
    back = undefined;
  };
  cleanup(() => {
    forget();
    front.close();
  });
  front.bind(0, HOST);
  await once(front, 'listening');
  front.on('message', (datagram, { port }) => {
    back ??= createSocket('udp4')
      .on('error', () => {})
      .on('message', (answer) => front.send(answer, port, HOST));
    back.send(datagram, serverPort, HOST);
    clearTimeout(timer);
    timer = setTimeout(() => {
      count++;
      forget();
    }, timeout);
  });
  return { port: front.address().port, forgotten: () => count };
}
