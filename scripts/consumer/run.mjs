// Loads the entry points, as a program and as the entry of a bundle. Opens no socket.
import { connect, listen } from 'rxkcp';
import { mux } from 'rxkcp/mux';
import { arq } from 'rxkcp/operators';
import { resumable } from 'rxkcp/resume';
import { toWebStreams } from 'rxkcp/streams';
import { pair } from 'rxkcp/testing';

for (const [name, value] of Object.entries({ connect, listen, mux, arq, resumable, toWebStreams, pair })) {
  if (typeof value !== 'function') throw new Error(`${name} is ${typeof value}, expected a function`);
}
