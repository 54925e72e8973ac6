// One end of a conversation of the C core (ikcp.c, by way of the addon node-kcp) on node:dgram, with flags and events of
// peer.ts. Its works are `source` into `sink`, and `ping` and `connect` against `echo`.

import { createSocket, type Socket } from 'node:dgram';
import { CSession } from './support/c-session.ts';
import { runClient } from './support/client.ts';
import { emit, fail, liveAsLongAsTheBench } from './support/events.ts';
import { flags } from './support/flags.ts';
import { type Dial, DONE } from './support/line.ts';
import { startWatch } from './support/usage.ts';

const { role, work, host, port, bytes } = flags;
if (flags.warmup !== 0) throw new Error('there is no round of warming up here: --warmup=0');
liveAsLongAsTheBench();
if (role === 'server') serve();
else if (work === 'source') await source();
else runClient(dial);

/** Sessions by the port of their client. */
function serve(): void {
  const sessions = new Map<number, CSession>();
  const socket = openSocket();
  socket.on('message', (datagram, from) => {
    let session = sessions.get(from.port);
    if (session === undefined) {
      session = accept(datagram.readInt32LE(), (packet) => socket.send(packet, from.port, host));
      sessions.set(from.port, session);
    }
    session.input(datagram);
    // Acknowledged at once instead of at the next update, a bulk through a bad network arrives a fifth sooner.
    session.flush();
  });
  socket.bind(port, host, () => emit('listening', { port: socket.address().port }));
}

function accept(conv: number, packet: (packet: Buffer) => void): CSession {
  let received = 0;
  let watch = startWatch();
  const session: CSession = new CSession(conv, {
    packet,
    message: (message) => {
      if (work === 'echo') session.send(message);
      if (received === 0) watch = startWatch();
      received += message.length;
      if (work !== 'sink' || received !== bytes) return;
      session.send(Buffer.from(DONE));
      emit('done', { bytesReceived: bytes, ...watch() });
    },
  });
  return session;
}

async function source(): Promise<void> {
  const chunk = Buffer.alloc(flags.write);
  let unsent = bytes;
  const watch = startWatch();
  await open({
    message: () => emit('done', { bytesSent: bytes, ...watch() }),
    // Writes while the window has room, and lets it go at once.
    room: (session) => {
      const before = unsent;
      for (; unsent > 0 && session.hasRoom; unsent -= Math.min(unsent, chunk.length)) {
        session.send(unsent < chunk.length ? chunk.subarray(0, unsent) : chunk);
      }
      if (unsent !== before) session.flush();
    },
  });
}

async function dial(received: Parameters<Dial>[0]): ReturnType<Dial> {
  const session = await open({ message: received });
  return {
    // With so little to send there is always room.
    send: async (message) => {
      session.send(Buffer.from(message));
      session.flush();
    },
  };
}

/** A client's session, on its own socket. */
async function open(events: {
  readonly message: (message: Buffer) => void;
  readonly room?: (session: CSession) => void;
}): Promise<CSession> {
  const socket = openSocket();
  await new Promise<void>((resolve) => socket.bind(0, host, resolve));
  // It is not negotiated: the server takes what comes.
  const conv = Math.trunc(Math.random() * 2 ** 31);
  const session: CSession = new CSession(conv, {
    packet: (packet) => socket.send(packet, port, host),
    message: events.message,
    room: () => events.room?.(session),
  });
  socket.on('message', (datagram) => {
    session.input(datagram);
    if (work === 'ping') session.flush();
  });
  return session;
}

function openSocket(): Socket {
  const socket = createSocket({
    type: 'udp4',
    recvBufferSize: flags.socketBuffer,
    sendBufferSize: flags.socketBuffer,
    // The address is a number already; without this each datagram waits for a trip through the resolver.
    lookup: (address, _family, callback) => callback(null, address, 4),
  });
  return socket.on('error', fail);
}
