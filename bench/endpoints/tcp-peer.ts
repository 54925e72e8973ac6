// One end of a TCP connection (node:net), with flags and events of peer.ts: what the system itself has to offer.

import { connect, createServer } from 'node:net';
import { runClient } from './support/client.ts';
import { emit, fail, liveAsLongAsTheBench } from './support/events.ts';
import { flags } from './support/flags.ts';
import { lineOf, serve } from './support/streams.ts';

const { role, host, port } = flags;
liveAsLongAsTheBench();

if (role === 'server') {
  const server = createServer({ noDelay: true }, (socket) => {
    // A client that is done just goes.
    serve(socket.on('error', () => {}));
  });
  server.on('error', fail).listen(port, host, () => {
    emit('listening', { port: (server.address() as { port: number }).port });
  });
} else {
  runClient(async (received) => {
    const socket = connect({ host, port, noDelay: true }).on('error', fail);
    await new Promise<void>((resolve) => socket.once('connect', resolve));
    return lineOf(socket, received);
  });
}
