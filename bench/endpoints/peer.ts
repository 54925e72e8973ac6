// One end of a conversation by rxkcp, with flags, works and events of kcp-go's (spec/interop/peers/go/README.md), as
// far as the benchmarks use them: either program can be the other's peer. Sessions are used as any user would.

import * as rxkcp from 'rxkcp';
import { type CipherName, makeCipher } from '../../spec/support/ciphers.ts';
import { runClient } from './support/client.ts';
import { emit, fail, liveAsLongAsTheBench } from './support/events.ts';
import { flags } from './support/flags.ts';
import type { Dial } from './support/line.ts';
import { countRounds } from './support/rounds.ts';
import { cpuSeconds } from './support/usage.ts';

const { role, work, host, port } = flags;
const options = {
  host,
  port,
  mode: flags.mode,
  sendWindow: flags.sendWindow,
  receiveWindow: flags.receiveWindow,
  mtu: flags.mtu,
  stream: flags.stream,
  ackNoDelay: flags.ackNoDelay,
  bundle: flags.bundles ? undefined : false,
  rateLimit: flags.rateLimit,
  cipher: flags.crypt === 'null' ? undefined : makeCipher(rxkcp, flags.crypt as CipherName, flags.key),
  // What the peer's groups look like is found out, as in kcp-go.
  fec: flags.fec && { encode: flags.fec },
  recvBufferSize: flags.socketBuffer,
  sendBufferSize: flags.socketBuffer,
  dscp: flags.dscp > 0 ? flags.dscp : undefined,
} satisfies rxkcp.ConnectOptions;
let sessions = 0;

process.stdin.setEncoding('utf8').on('data', (text) => {
  for (const line of String(text).trim().split('\n')) {
    if (line === 'report') report();
    else if (line === 'cpu') emit('cpu', { cpuSeconds: cpuSeconds() });
  }
});
liveAsLongAsTheBench();

if (role === 'server') {
  rxkcp.listen({ ...options, onListening: (local) => emit('listening', { port: local.port }) }).subscribe(serve);
} else {
  runClient(dial);
}

function serve(session: rxkcp.Session): void {
  sessions++;
  if (work === 'echo') session.subscribe(session);
  if (flags.bytes === 0) return;
  session.subscribe({ next: countRounds((byte) => session.next(byte)), error: fail });
}

function dial(received: Parameters<Dial>[0]): ReturnType<Dial> {
  return new Promise((resolve) => {
    rxkcp.connect(options).subscribe({
      next: (session) => {
        session.subscribe({ next: received, error: fail });
        resolve({ send: (message) => session.send(message) });
      },
      error: fail,
    });
  });
}

/** What the process holds now, after garbage was collected (node --expose-gc). */
function report(): void {
  globalThis.gc?.();
  const { rss, heapUsed, external } = process.memoryUsage();
  emit('report', { sessions, rssKiB: rss / 1024, heapKiB: (heapUsed + external) / 1024 });
}
