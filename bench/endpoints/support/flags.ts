// Flags of an endpoint: those of the kcp-go peer (spec/interop/peers/go/README.md), as far as the benchmarks use them.

import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: {
    role: { type: 'string' },
    work: { type: 'string' },
    addr: { type: 'string', default: '127.0.0.1:0' },
    bytes: { type: 'string', default: '0' },
    warmup: { type: 'string', default: '0' },
    write: { type: 'string', default: '65536' },
    mtu: { type: 'string', default: '1400' },
    sndwnd: { type: 'string', default: '32' },
    rcvwnd: { type: 'string', default: '32' },
    nodelay: { type: 'string', default: '0,40,2,1' },
    stream: { type: 'string', default: 'true' },
    sockbuf: { type: 'string', default: '4194304' },
    dscp: { type: 'string', default: '0' },
    ratelimit: { type: 'string', default: '0' },
    crypt: { type: 'string', default: 'null' },
    key: { type: 'string', default: '' },
    fec: { type: 'string', default: '' },
    acknodelay: { type: 'string', default: 'false' },
    bundle: { type: 'string', default: 'true' },
    'interval-ms': { type: 'string', default: '20' },
    message: { type: 'string', default: '64' },
    duration: { type: 'string', default: '10s' },
    sessions: { type: 'string', default: '1' },
    timeout: { type: 'string', default: '120' },
    sha: { type: 'string', default: 'false' },
    'idle-report': { type: 'boolean', default: false },
    addon: { type: 'string', default: '' },
    dgram: { type: 'boolean', default: false },
  },
});
// Before the first socket.
if (values.dgram) process.env.RXKCP_NATIVE = '0';
if (values.sha !== 'false') throw new Error('nothing is hashed here: --sha=false');

const [host = '', port = ''] = values.addr.split(':');
const [data = 0, parity = 0] = values.fec.split('/').map(Number);
const [nodelay, interval = 10, resend = 2, nc] = values.nodelay.split(',').map(Number);

export const flags = {
  role: values.role,
  work: values.work,
  host,
  port: Number(port),
  bytes: Number(values.bytes),
  warmup: Number(values.warmup),
  write: Number(values.write),
  mtu: Number(values.mtu),
  sendWindow: Number(values.sndwnd),
  receiveWindow: Number(values.rcvwnd),
  mode: { nodelay: nodelay === 1, interval, resend, nc: nc === 1 },
  stream: values.stream === 'true',
  socketBuffer: Number(values.sockbuf),
  dscp: Number(values.dscp),
  /** Bytes per second; 0 for no limit. */
  rateLimit: Number(values.ratelimit),
  /** A name of spec/support/ciphers.ts, or `null`, and its key. */
  crypt: values.crypt,
  key: Buffer.from(values.key, 'hex'),
  /** Groups this end sends. */
  fec: data > 0 ? { data, parity } : undefined,
  ackNoDelay: values.acknodelay === 'true',
  /** Whether segments go along with later datagrams, where that is the default. */
  bundles: values.bundle === 'true',
  /** ms between messages of `ping`. */
  pace: Number(values['interval-ms']),
  /** Bytes of one. */
  message: Number(values.message),
  /** s of sending them. */
  duration: Number.parseFloat(values.duration),
  /** Of `ping`, at a time; of `connect`, one after the other. */
  sessions: Number(values.sessions),
  /** s; 0 for none. */
  timeout: Number(values.timeout),
  /** Where the C core or UDX is. */
  addon: values.addon,
} as const;
