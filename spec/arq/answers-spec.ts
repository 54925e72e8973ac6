// What the application says in answer to a message, in the same turn.

import { pair } from 'rxkcp/testing';
import { expect, test } from 'vitest';

test.each([true, false])('an answer given at once takes the acknowledgment along (ackNoDelay %s)', (ackNoDelay) => {
  const { left, right, run } = pair({ seed: 1, network: { delay: 25 }, options: { mode: 'fast3', ackNoDelay } });
  right.delivered$.subscribe(({ message }) => right.send(message));
  run(100);
  const before = right.session.stats().packetsSent;
  for (let i = 0; i < 50; i++) {
    left.send(new Uint8Array(64));
    run(200 + 100 * i);
  }
  expect(left.session.stats().bytesReceived).toBe(50 * 64);
  expect(right.session.stats().packetsSent - before).toBeLessThanOrEqual(51);
});

test('a reader that closes its session in the middle of a burst has nothing sent after its goodbye', () => {
  const { left, right, run } = pair({ seed: 2, network: { delay: 10 }, options: { mode: 'fast3', ackNoDelay: true } });
  right.delivered$.subscribe(() => right.session.close());
  for (let i = 0; i < 5; i++) left.send(new Uint8Array(1000));
  run(15);
  const sent = right.session.stats().packetsSent;
  run(5000);
  expect(right.session.stats().packetsSent).toBe(sent);
  expect(right.session.closed).toBe(true);
});
