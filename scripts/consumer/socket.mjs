// One message and its echo over UDP.
import { connect, listen } from 'rxkcp';

const server = listen({
  port: 0,
  host: '127.0.0.1',
  onListening: ({ port }) => {
    const client = connect({ port }).subscribe((session) => {
      session.subscribe(() => {
        client.unsubscribe();
        server.unsubscribe();
      });
      session.next(new Uint8Array(1));
    });
  },
}).subscribe((session) => session.subscribe(session));
setTimeout(() => process.exit(1), 10_000).unref();
