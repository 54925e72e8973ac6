import { expect, test } from 'vitest';
import { SendPacer } from '../../../src/core/congestion/send-pacer.ts';

const DATAGRAM = 1000;

/** Sends datagrams as soon as the pacer lets it, waking up `late` ms late, for 10 s. Returns bytes per second, and most bytes at once. */
function drive(rate: number, late: number): { readonly rate: number; readonly burst: number } {
  const pacer = new SendPacer();
  pacer.set(rate, DATAGRAM);
  let bytes = 0;
  let burst = 0;
  for (let now = 0; now < 10_000; now = Math.max(Math.ceil(pacer.nextAt), now + 1) + late) {
    let together = 0;
    while (pacer.allowance(now) >= DATAGRAM) {
      pacer.sent(now, DATAGRAM);
      together += DATAGRAM;
    }
    pacer.waits = true;
    bytes += together;
    burst = Math.max(burst, together);
  }
  return { rate: bytes / 10, burst };
}

test.each([20_000, 1_000_000, 50_000_000])('%i bytes a second leave as %i bytes a second', (rate) => {
  const driven = drive(rate, 0);
  expect(driven.rate / rate).toBeCloseTo(1, 1);
  expect(driven.burst).toBeLessThanOrEqual(Math.max(2 * DATAGRAM, (2 * rate) / 1000));
});

test('a timer that is 3 ms late costs no rate', () => {
  expect(drive(5_000_000, 3).rate / 5_000_000).toBeCloseTo(1, 1);
});

test('after a pause no more leaves at once than two datagrams, or a ms of the rate', () => {
  const pacer = new SendPacer();
  pacer.set(100_000, DATAGRAM);
  pacer.sent(0, DATAGRAM);
  expect(pacer.allowance(60_000)).toBe(2 * DATAGRAM);
  pacer.set(50_000_000, DATAGRAM);
  expect(pacer.allowance(60_000)).toBe(50_000);
});

test('without a rate nothing waits', () => {
  const pacer = new SendPacer();
  pacer.sent(0, 1_000_000);
  expect(pacer.allowance(0)).toBe(Infinity);
});
