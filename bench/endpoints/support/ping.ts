// Messages at a steady pace to an echo server, and the round-trip time of each.

import { setTimeout as sleep } from 'node:timers/promises';
import { share } from '../../share.ts';
import { emit, fail } from './events.ts';
import { flags } from './flags.ts';
import type { Dial } from './line.ts';

const { pace, message: size, duration, sessions } = flags;
const COUNT = Math.max(Math.floor((duration * 1000) / pace), 1);
/** ms that the last answers may take before they count as lost. */
const GRACE = 10_000;

/** In several conversations at a time, whose sends are spread evenly. */
export async function ping(dial: Dial): Promise<void> {
  const start = performance.now();
  const all = Array.from({ length: sessions }, (_, i) => pingFrom(start + (i * pace) / sessions, dial));
  const each = await Promise.all(all);
  const times = each.flatMap((one) => one.times).sort((a, b) => a - b);
  const lost = each.reduce((sum, one) => sum + one.lost, 0);
  const [p50, p90, p99, max] = [0.5, 0.9, 0.99, 1].map((part) => share(times, part));
  emit('done', { count: times.length, lost, p50, p90, p99, max });
}

/** ms from when each message was due: to count from there, and not from when it was sent, leaves no wait uncounted. */
async function pingFrom(start: number, dial: Dial): Promise<{ times: number[]; lost: number }> {
  const due = (number: number): number => start + number * pace;
  const times: number[] = [];
  let received = 0;
  let complete = (): void => {};
  const answered = new Promise<void>((resolve) => {
    complete = resolve;
  });
  const line = await dial((bytes) => {
    received += bytes.length;
    // Where there are no messages but a stream, one may come in parts.
    while (received >= (times.length + 1) * size) times.push(performance.now() - due(times.length));
    if (times.length === COUNT) complete();
  });
  const message = new Uint8Array(size);
  for (let number = 0; number < COUNT; number++) {
    await until(due(number));
    line.send(message).catch(fail);
  }
  const patience = new AbortController();
  await Promise.race([answered, sleep(GRACE, undefined, patience)]);
  patience.abort();
  const lost = COUNT - times.length;
  // Who was not answered has waited at least until now.
  const now = performance.now();
  while (times.length < COUNT) times.push(now - due(times.length));
  return { times, lost };
}

/** A timer may be most of a millisecond late, which is not for the conversation to answer for: the rest is waited out awake. */
async function until(time: number): Promise<void> {
  const asleep = time - performance.now() - 1;
  if (asleep >= 1) await sleep(asleep);
  while (performance.now() < time) await new Promise((resolve) => setImmediate(resolve));
}
