// One end of bare datagrams (node:dgram), with flags and events of peer.ts: as many as KCP would send, parity included, and nothing done
// with them. What is built on node:dgram cannot be faster. Nothing is repeated: a datagram lost is a run lost.

import { createSocket, type Socket } from 'node:dgram';
import { runClient } from './support/client.ts';
import { emit, fail, liveAsLongAsTheBench } from './support/events.ts';
import { flags } from './support/flags.ts';
import type { Dial } from './support/line.ts';
import { countRounds } from './support/rounds.ts';

/** Bytes of a KCP segment's header: so many of each datagram do not count. The first two are used here. */
const HEADER = 24;
/** What a datagram is. */
const DATA = 0;
const PARITY = 1;
/** Says how many more have come. */
const ACK = 2;
/** A sink has everything. */
const ANSWER = 3;

const { role, work, host, port, mtu, sendWindow, fec } = flags;
/** As KCP has with what this run would seal and protect it with. */
const PAYLOAD_MAX = mtu - HEADER - (fec === undefined ? 0 : 8) - (flags.crypt === 'null' ? 0 : 20);
const parity = datagram(PARITY, new Uint8Array(PAYLOAD_MAX));
liveAsLongAsTheBench();

if (role === 'server') {
  const socket = openSocket();
  let from = { address: '', port: 0 };
  const send = protectedBy((bytes) => socket.send(bytes, from.port, from.address));
  const count = countRounds((byte) => send(datagram(ANSWER, byte)));
  let unanswered = 0;
  const acknowledge = (): void => {
    send(datagram(ACK, Uint8Array.of(unanswered)));
    unanswered = 0;
  };
  socket.on('message', (received, sender) => {
    if (received[0] !== DATA) return;
    from = sender;
    if (work === 'echo') send(received);
    else if (unanswered++ === 0) setImmediate(acknowledge);
    count(received.subarray(HEADER));
  });
  socket.bind(port, host, () => emit('listening', { port: socket.address().port }));
} else {
  runClient(dial);
}

/** At most a window of datagrams is on its way. */
async function dial(received: Parameters<Dial>[0]): ReturnType<Dial> {
  const socket = openSocket();
  await new Promise<void>((resolve) => socket.connect(port, host, resolve));
  const send = protectedBy((bytes) => socket.send(bytes));
  let onTheirWay = 0;
  let resume = (): void => {};
  socket.on('message', (answer) => {
    const [kind] = answer;
    if (kind === PARITY) return;
    if (kind !== ACK) received(answer.subarray(HEADER));
    if (kind !== ANSWER) onTheirWay -= kind === ACK ? (answer[HEADER] as number) : 1;
    resume();
  });
  return {
    async send(message) {
      for (let at = 0; at < message.length; at += PAYLOAD_MAX) {
        while (onTheirWay >= sendWindow) {
          await new Promise<void>((resolve) => {
            resume = resolve;
          });
        }
        send(datagram(DATA, message.subarray(at, at + PAYLOAD_MAX)));
        onTheirWay++;
      }
    },
  };
}

/** Sends parity, too, of which nothing is computed. */
function protectedBy(send: (bytes: Uint8Array) => void): (bytes: Uint8Array) => void {
  if (fec === undefined) return send;
  let inGroup = 0;
  return (bytes) => {
    send(bytes);
    if (++inGroup < fec.data) return;
    inGroup = 0;
    for (let i = 0; i < fec.parity; i++) send(parity);
  };
}

function datagram(kind: number, payload: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(HEADER + payload.length);
  bytes[0] = kind;
  bytes.set(payload, HEADER);
  return bytes;
}

function openSocket(): Socket {
  const socket = createSocket({ type: 'udp4', lookup: (address, _, callback) => callback(null, address, 4) });
  socket.on('error', fail).on('listening', () => {
    socket.setRecvBufferSize(flags.socketBuffer);
    socket.setSendBufferSize(flags.socketBuffer);
  });
  return socket;
}
