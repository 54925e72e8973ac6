// Runs a busy pair of sessions in virtual time, and looks at the real clock.

import { parseArgs } from 'node:util';
import { pair } from 'rxkcp/testing';

/** Bytes a virtual second, and ms between messages. */
const RATE = 1024 * 1024;
const PACE = 10;

const { values } = parseArgs({ options: { seconds: { type: 'string', default: '50' } } });
const seconds = Number(values.seconds);
const message = Uint8Array.from({ length: Math.round((RATE * PACE) / 1000) }, (_, i) => i * 7);

run(seconds / 5);
const cpuBefore = process.cpuUsage();
const before = performance.now();
run(seconds);
const took = (performance.now() - before) / 1000;
const { user, system } = process.cpuUsage(cpuBefore);
console.log(
  JSON.stringify({ event: 'done', perSecond: seconds / took, perCpuSecond: (seconds * 1e6) / (user + system) }),
);

function run(length: number): void {
  const ends = pair({
    seed: 7,
    keep: 0,
    network: { loss: 0.1, delay: 25 },
    options: { mode: 'fast3', sendWindow: 1024, receiveWindow: 1024 },
  });
  for (let now = 0; now < length * 1000; now += PACE) {
    ends.left.send(message);
    ends.run(now + PACE);
  }
  ends.run();
  if (ends.right.outstandingBytes > 0) throw new Error(`${ends.right.outstandingBytes} bytes have not arrived`);
}
