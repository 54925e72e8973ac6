// One end of a conversation of the C core (ikcp.c, by way of the addon node-kcp) on node:dgram, with flags and events of
// peer.ts. It does one work: `source` as a client, `sink` as a server of one session.

import { createSocket } from 'node:dgram';
import { createRequire } from 'node:module';
import { emit, fail, liveAsLongAsTheBench } from './support/events.ts';
import { flags } from './support/flags.ts';
import { startWatch } from './support/usage.ts';

interface NativeKcp {
  nodelay(nodelay: number, interval: number, resend: number, nc: number): void;
  wndsize(send: number, receive: number): void;
  setmtu(mtu: number): void;
  stream(on: number): void;
  output(send: (packet: Buffer) => void): void;
  input(packet: Buffer): number;
  /** Negative when refused. */
  send(message: Buffer): number;
  /** In stream mode all there is. */
  recv(): Buffer | undefined;
  /** Segments queued and in flight. */
  waitsnd(): number;
  /** Sets the clock, and flushes when an interval has passed. */
  update(now: number): void;
  /** ms until the next `update` has something to do. */
  check(now: number): number;
  flush(): void;
}

/** Nobody negotiates it: both ends just have the same. */
const CONV = 0x11_22_33_44;
/** A sink has received everything. */
const DONE = Buffer.of(0x06);

const { role, work, host, bytes, mode } = flags;
if (flags.warmup !== 0) throw new Error('there is no round of warming up here: --warmup=0');
if (work !== 'source' && work !== 'sink') throw new Error(`there is no work ${work} here`);

const { KCP } = createRequire(import.meta.url)(flags.addon) as { readonly KCP: new (conv: number) => NativeKcp };
const kcp = new KCP(CONV);
kcp.nodelay(Number(mode.nodelay), mode.interval, mode.resend, Number(mode.nc));
kcp.wndsize(flags.sendWindow, flags.receiveWindow);
kcp.setmtu(flags.mtu);
kcp.stream(Number(flags.stream));

const socket = createSocket({
  type: 'udp4',
  recvBufferSize: flags.socketBuffer,
  sendBufferSize: flags.socketBuffer,
  // The address is a number already; without this each datagram waits for a trip through the resolver.
  lookup: (address, _family, callback) => callback(null, address, 4),
});
let peerPort = flags.port;
kcp.output((packet) => socket.send(packet, peerPort, host));

const chunk = Buffer.alloc(flags.write);
let unsent = work === 'source' ? bytes : 0;
let received = 0;
let watch = startWatch();
let timer: NodeJS.Timeout | undefined;

socket.on('error', fail).on('message', (datagram, { port }) => {
  peerPort = port;
  // The core takes round trips from the time of its last update.
  kcp.update(now());
  kcp.input(datagram);
  drain();
  fill();
  // Acknowledged at once instead of at the next update, a bulk through a bad network arrives a fifth sooner.
  if (work === 'sink') kcp.flush();
});
socket.bind(role === 'server' ? flags.port : 0, host, () => {
  if (role === 'server') emit('listening', { port: socket.address().port });
  watch = startWatch();
  tick();
});
liveAsLongAsTheBench();

/** Updates when the core wants it. */
function tick(): void {
  clearTimeout(timer);
  kcp.update(now());
  fill();
  timer = setTimeout(tick, kcp.check(now()));
}

/** Writes while the window has room, and lets it go at once. */
function fill(): void {
  const before = unsent;
  while (unsent > 0 && kcp.waitsnd() < flags.sendWindow) {
    const message = unsent < chunk.length ? chunk.subarray(0, unsent) : chunk;
    send(message);
    unsent -= message.length;
  }
  if (unsent !== before) kcp.flush();
}

function drain(): void {
  for (let message = kcp.recv(); message !== undefined; message = kcp.recv()) {
    if (received === 0 && work === 'sink') watch = startWatch();
    received += message.length;
    if (received !== (work === 'sink' ? bytes : DONE.length)) continue;
    if (work === 'sink') send(DONE);
    emit('done', { ...(work === 'sink' ? { bytesReceived: bytes } : { bytesSent: bytes }), ...watch() });
  }
}

function send(message: Buffer): void {
  const result = kcp.send(message);
  if (result < 0) throw new Error(`the C core refused ${message.length} bytes (${result})`);
}

/** ms, whole as the core wants them. */
function now(): number {
  return Math.trunc(performance.now());
}
