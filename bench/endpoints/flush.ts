// Times a flush that finds nothing to do, as spec/interop/peers/go/cmd/flush does for kcp-go. The control block is
// no part of the package's API, so it comes from its source.

import { parseArgs } from 'node:util';
import { ControlBlock } from '../../src/core/kcp/control-block.ts';
import { ACK, SEGMENT_HEADER } from '../../src/core/kcp/segment.ts';
import { writeHeader } from '../../src/core/kcp/segment-header.ts';
import { Counters } from '../../src/counters/counters.ts';

const CONV = 1;
const MTU = 1400;
/** Flushes between two looks at the clock. */
const BATCH = 256;
/** Age in ms of the acknowledgement that sets the RTO: to its maximum of a minute, so that nothing is due meanwhile. */
const SLOW_ACK = 30_000;

const { values } = parseArgs({
  options: { segments: { type: 'string', default: '1024' }, seconds: { type: 'string', default: '1' } },
});
const segments = Number(values.segments);
const seconds = Number(values.seconds);

const block = new ControlBlock({
  conv: CONV,
  now: performance.now(),
  counters: new Counters(),
  nodelay: true,
  interval: 10,
  resend: 2,
  sendWindow: segments,
  receiveWindow: segments,
  mtu: MTU,
  stream: false,
  ackNoDelay: false,
  deadLink: 20,
  idleTimeout: 0,
});
// The peer has room for everything, and is far away.
const ack = new Uint8Array(SEGMENT_HEADER);
writeHeader(new DataView(ack.buffer), 0, CONV, ACK, 0, segments, (performance.now() - SLOW_ACK) | 0, 0, 0, 0);
block.input(ack, performance.now());
const message = new Uint8Array(MTU - SEGMENT_HEADER);
for (let i = 0; i < segments; i++) block.send(message, performance.now());
block.flush(performance.now(), true);
const packets = block.takeBurst().length;
if (packets !== segments) throw new Error(`${packets} packets instead of ${segments} are in flight`);

measure(seconds / 5);
const nsPerFlush = measure(seconds);
if (block.hasBurst) throw new Error('packets were due');
console.log(JSON.stringify({ event: 'done', nsPerFlush }));

function measure(duration: number): number {
  const start = performance.now();
  let flushes = 0;
  let took = 0;
  while (took < duration * 1000) {
    // With the clock read each time, as kcp-go's does and as a session would.
    for (let i = 0; i < BATCH; i++) block.flush(performance.now(), true);
    flushes += BATCH;
    took = performance.now() - start;
  }
  return (took * 1e6) / flushes;
}
