// For Node: the conversation, and one message and its echo over UDP.
import { connect, listen } from 'rxkcp';
import { converse } from './conversation.mjs';

console.log(await converse());
const onListening = ({ port }) => {
  const client = connect({ port }).subscribe((session) => {
    session.subscribe(() => {
      console.log('udp');
      client.unsubscribe();
      server.unsubscribe();
    });
    session.next(new Uint8Array(1));
  });
};
const server = listen({ port: 0, host: '127.0.0.1', onListening }).subscribe((session) => session.subscribe(session));
