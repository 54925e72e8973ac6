// The delivery rate, where it could be taken for another.

import { describe, expect, test } from 'vitest';
import { Flights } from '../../../src/core/congestion/flights.ts';

const BYTES = 1000;

/** A segment that leaves for the `xmit`th time with the timestamp `ts`. */
const segment = (sn: number, xmit = 1, ts = 0) => ({ sn, ts, xmit, packet: { length: BYTES } });

/** Segments `from` … `to` leave at `now`. */
function send(flights: Flights, from: number, to: number, now: number): void {
  for (let sn = from; sn <= to; sn++) {
    left.set(sn, now);
    flights.sent(segment(sn, 1, now), now, to + 1);
  }
}

/** When each segment left. */
const left = new Map<number, number>();

function acknowledge(flights: Flights, from: number, to: number): void {
  for (let sn = from; sn <= to; sn++) flights.settled(segment(sn, 1, left.get(sn)));
}

describe('the delivery rate', () => {
  test('is what arrived since the acknowledgement before the newest one left', () => {
    const flights = new Flights();
    send(flights, 0, 9, 0);
    acknowledge(flights, 0, 9);
    expect(flights.sample(100)).toMatchObject({ bytes: 10 * BYTES, rtt: 100, rate: (10 * BYTES * 1000) / 100 });
  });

  test('acknowledgements that come all at once make no rate of their own', () => {
    const flights = new Flights();
    // One a ms leaves; they arrive 50 ms later, and their acknowledgements wait for each other.
    for (let sn = 0; sn < 200; sn++) {
      send(flights, sn, sn, sn);
      if (sn >= 60 && sn % 20 === 0) {
        acknowledge(flights, sn - 70 < 0 ? 0 : sn - 70, sn - 51);
        const rate = flights.sample(sn)?.rate ?? 0;
        expect(rate).toBeLessThanOrEqual(1.25 * BYTES * 1000);
      }
    }
  });

  test('says that the application had less to send', () => {
    const flights = new Flights();
    send(flights, 0, 1, 0);
    flights.pause();
    send(flights, 2, 2, 1);
    acknowledge(flights, 0, 2);
    expect(flights.sample(50)?.isAppLimited).toBe(true);
    send(flights, 3, 3, 60);
    acknowledge(flights, 3, 3);
    expect(flights.sample(110)?.isAppLimited).toBe(false);
  });
});

describe('what was sent again', () => {
  test('tells no round trip before it is certain which transmission arrived', () => {
    const flights = new Flights();
    send(flights, 0, 0, 0);
    flights.sent(segment(0, 2, 200), 200, 1);
    acknowledge(flights, 0, 0);
    expect(flights.sample(210)).toMatchObject({ bytes: BYTES, rtt: undefined, rate: undefined });
  });

  test('does, once an ack names one; the first of them says that the second was in vain', () => {
    const flights = new Flights();
    send(flights, 0, 0, 0);
    flights.sent(segment(0, 2, 200), 200, 1);
    acknowledge(flights, 0, 0);
    expect(flights.proven(segment(0), 0)).toBe(BYTES);
    expect(flights.sample(210)?.rtt).toBe(210);
  });

  test('tells none either if it left once more without being noted: the timestamp is another', () => {
    const flights = new Flights();
    send(flights, 0, 0, 0);
    flights.settled(segment(0, 1, 20_000));
    expect(flights.sample(20_040)).toMatchObject({ bytes: BYTES, rtt: undefined, rate: undefined });
  });

  test('is on its way once', () => {
    const flights = new Flights();
    send(flights, 0, 1, 0);
    flights.sent(segment(0, 2, 200), 200, 2);
    expect(flights.inFlight).toBe(2 * BYTES);
    acknowledge(flights, 0, 1);
    expect(flights.inFlight).toBe(0);
  });
});

test('an answer may have been held back until the next segment left, and no longer', () => {
  const flights = new Flights();
  send(flights, 0, 0, 0);
  send(flights, 1, 1, 3);
  acknowledge(flights, 0, 0);
  expect(flights.sample(60)?.held).toBe(3);
  acknowledge(flights, 1, 1);
  expect(flights.sample(70)?.held).toBe(67);
});

test('a round is over when what left after the end of the one before is acknowledged', () => {
  const flights = new Flights();
  send(flights, 0, 3, 0);
  acknowledge(flights, 0, 0);
  expect(flights.sample(50)?.isRoundOver).toBe(true);
  acknowledge(flights, 1, 3);
  expect(flights.sample(60)?.isRoundOver).toBe(false);
  send(flights, 4, 4, 61);
  acknowledge(flights, 4, 4);
  expect(flights.sample(110)?.isRoundOver).toBe(true);
});

test('sequence numbers go over the edge of their range, in a ring that grows meanwhile', () => {
  const flights = new Flights();
  const first = 0x7fff_ffff - 100;
  for (let i = 0; i < 300; i++) flights.sent(segment((first + i) | 0), i, i + 1);
  expect(flights.inFlight).toBe(300 * BYTES);
  for (let i = 0; i < 300; i++) flights.settled(segment((first + i) | 0));
  expect(flights).toMatchObject({ inFlight: 0, delivered: 300 * BYTES });
});
