// Loads the entry points, as a program and as the entry of a bundle. Opens no socket.
import { connect, listen } from 'rxkcp';
import { arq } from 'rxkcp/operators';
import { toWebStreams } from 'rxkcp/streams';

for (const [name, value] of Object.entries({ connect, listen, arq, toWebStreams })) {
  if (typeof value !== 'function') throw new Error(`${name} is ${typeof value}, expected a function`);
}
