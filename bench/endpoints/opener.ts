// Opens many sessions on an echo server and falls silent: one socket and one byte each, by hand, so that the
// clients of ten thousand sessions take nothing from the machine while the server is measured.
// Writes {"event":"done"} when each has its byte back and has acknowledged it; ends with its standard input.

import { randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import {
  ACK,
  CMD_OFFSET,
  LEN_OFFSET,
  PUSH,
  readInt32,
  SEGMENT_HEADER,
  SN_OFFSET,
  TS_OFFSET,
  writeHeader,
} from '../../src/kcp/segment.ts';

const HOST = '127.0.0.1';
const WINDOW = 128;
/** ms between two sessions, so that no server's backlog fills. */
const PACE = 1;
/** ms until an unanswered byte is sent again. */
const RETRY = 1000;

const { values } = parseArgs({ options: { port: { type: 'string' }, sessions: { type: 'string', default: '1' } } });
const port = Number(values.port);

const answered: Promise<void>[] = [];
for (let i = 0; i < Number(values.sessions); i++) {
  answered.push(open());
  await sleep(PACE);
}
await Promise.all(answered);
console.log(JSON.stringify({ event: 'done' }));
process.stdin.on('end', () => process.exit()).resume();

/** Resolves when the server has echoed. */
function open(): Promise<void> {
  const conv = randomBytes(4).readInt32LE();
  const hello = new Uint8Array(SEGMENT_HEADER + 1);
  writeHeader(hello, 0, conv, PUSH, 0, WINDOW, 0, 0, 0, 1);
  const socket = createSocket({ type: 'udp4', lookup: (host, _family, done) => done(null, host, 4) });
  return new Promise((resolve, reject) => {
    const send = (packet: Uint8Array): void => socket.send(packet, port, HOST);
    const retry = setInterval(send, RETRY, hello);
    socket.on('error', reject).on('message', (packet) => {
      for (let offset = 0; packet.length - offset >= SEGMENT_HEADER; ) {
        if (packet[offset + CMD_OFFSET] === PUSH) {
          const ack = new Uint8Array(SEGMENT_HEADER);
          const ts = readInt32(packet, offset + TS_OFFSET);
          writeHeader(ack, 0, conv, ACK, 0, WINDOW, ts, readInt32(packet, offset + SN_OFFSET), 1, 0);
          send(ack);
          clearInterval(retry);
          resolve();
        }
        offset += SEGMENT_HEADER + readInt32(packet, offset + LEN_OFFSET);
      }
    });
    socket.bind(0, HOST, () => send(hello));
  });
}
