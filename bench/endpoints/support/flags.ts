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
  /** s; 0 for none. */
  timeout: Number(values.timeout),
  /** Where the C core is. */
  addon: values.addon,
} as const;
