// One end of a stream of UDX (udx-native), with flags and events of peer.ts. UDX has no handshake, and no way to accept: a
// client tells the server its stream's number in a separate datagram, again and again until something comes back.

import { createRequire } from 'node:module';
import { runClient } from './support/client.ts';
import { emit, fail, liveAsLongAsTheBench } from './support/events.ts';
import { flags } from './support/flags.ts';
import type { Dial } from './support/line.ts';
import { lineOf, type Pipe, serve } from './support/streams.ts';

interface UdxSocket {
  bind(port: number, host: string): void;
  address(): { readonly port: number };
  on(event: 'message', listener: (message: Buffer, from: { host: string; port: number }) => void): void;
  trySend(message: Buffer, port: number, host: string): void;
  setRecvBufferSize(bytes: number): void;
  setSendBufferSize(bytes: number): void;
}

interface UdxStream extends Pipe {
  connect(socket: UdxSocket, remoteId: number, port: number, host: string): void;
}

interface Udx {
  createSocket(): UdxSocket;
  createStream(id: number): UdxStream;
}

/** ms between two tellings. */
const AGAIN = 50;

const { role, host, port } = flags;
const UDX = createRequire(import.meta.url)(flags.addon) as new () => Udx;
const udx = new UDX();
let streams = 0;
liveAsLongAsTheBench();

if (role === 'server') {
  const socket = openSocket(port);
  const known = new Set<number>();
  socket.on('message', (message, from) => {
    const id = message.readUInt32LE();
    if (known.has(id)) return;
    known.add(id);
    const stream = udx.createStream(id);
    stream.connect(socket, id, from.port, from.host);
    stream.on('error', () => {});
    serve(stream);
  });
  emit('listening', { port: socket.address().port });
} else {
  runClient(dial);
}

async function dial(received: Parameters<Dial>[0]): ReturnType<Dial> {
  const id = ++streams;
  const socket = openSocket(0);
  const stream = udx.createStream(id);
  stream.on('error', fail);
  stream.connect(socket, id, port, host);
  const hello = Buffer.alloc(4);
  hello.writeUInt32LE(id);
  const tell = (): void => socket.trySend(hello, port, host);
  tell();
  const again = setInterval(tell, AGAIN);
  stream.once('data', () => clearInterval(again));
  return lineOf(stream, received);
}

function openSocket(on: number): UdxSocket {
  const socket = udx.createSocket();
  socket.bind(on, host);
  socket.setRecvBufferSize(flags.socketBuffer);
  socket.setSendBufferSize(flags.socketBuffer);
  return socket;
}
