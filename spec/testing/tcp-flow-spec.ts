// TCP twins: alone they fill the line, together they share it, and their windows follow the RFCs.

import { type BottleneckOptions, bottleneck, type TcpKind, tcpFlow, VirtualScheduler } from 'rxkcp/testing';
import { describe, expect, test } from 'vitest';
import { Cubic } from '../../src/testing/tcp/cubic.ts';
import { NewReno } from '../../src/testing/tcp/new-reno.ts';
import { TcpReceiver } from '../../src/testing/tcp/receiver.ts';
import { TcpSender } from '../../src/testing/tcp/sender.ts';
import type { CongestionWindow } from '../../src/testing/tcp/window.ts';
import { jain, quantile } from '../congestion/figures.ts';

const RATE = 2_500_000;
const BDP = RATE * 0.05;

/** Runs twins on a line of 20 Mbit/s and 50 ms, for 5 s and then for `seconds`, of which the result is. */
function run(kinds: readonly TcpKind[], options: Partial<BottleneckOptions> = {}, seconds = 10) {
  const scheduler = new VirtualScheduler();
  const line = bottleneck({ scheduler, bytesPerSecond: RATE, delay: 25, queueBytes: BDP, ...options });
  const flows = kinds.map((kind) => {
    const flow = line.flow();
    return { flow, twin: tcpFlow(flow, kind, scheduler) };
  });
  const begin = 5000;
  scheduler.run(begin);
  const before = flows.map(({ twin }) => twin.stats());
  const carriedBefore = line.carriedBytes;
  const waits: number[] = [];
  for (let at = begin; at < begin + 1000 * seconds; at += 5) {
    scheduler.run(at);
    waits.push(line.wait);
  }
  scheduler.run(begin + 1000 * seconds);
  for (const { twin } of flows) twin.stop();
  const stats = flows.map(({ twin }) => twin.stats());
  waits.sort((a, b) => a - b);
  return {
    utilisation: (line.carriedBytes - carriedBefore) / (RATE * seconds),
    rates: stats.map(({ receivedBytes }, i) => (receivedBytes - (before[i]?.receivedBytes ?? 0)) / seconds),
    lossShare: stats.map(({ sent, lost }, i) => (lost - (before[i]?.lost ?? 0)) / (sent - (before[i]?.sent ?? 0))),
    wait: { median: quantile(waits, 0.5), p99: quantile(waits, 0.99) },
    counts: flows.map(({ flow }) => flow.counts()),
    stats,
    scheduler,
  };
}

describe.each(['newreno', 'cubic'] as const)('a lone %s', (kind) => {
  test('fills 20 Mbit/s at 50 ms with a buffer of 1 BDP, and counts as lost what the queue dropped', () => {
    const { utilisation, counts, stats, lossShare, wait } = run([kind]);
    expect(utilisation).toBeGreaterThanOrEqual(0.95);
    expect(lossShare[0]).toBeLessThan(0.01);
    expect(wait.p99).toBeGreaterThan(40);
    expect(wait.p99).toBeLessThan(51);
    expect(stats[0]?.lost).toBeGreaterThan(0);
    expect(stats[0]?.lost).toBeLessThanOrEqual(counts[0]?.dropped as number);
    expect(stats[0]?.receivedBytes).toBe((counts[0]?.delivered as number) * 1448);
  });

  test('is held near 5 ms by CoDel, and still fills most of the line', () => {
    // Drop-tail, the same queue would fill: 400 ms.
    const { utilisation, wait } = run([kind], { codel: {}, queueBytes: 1_000_000 });
    expect(wait.median).toBeLessThan(10);
    expect(wait.p99).toBeLessThan(40);
    expect(utilisation).toBeGreaterThan(0.8);
  });

  test('gets the rate that the formula of Mathis et al. gives at random loss', () => {
    const { rates } = run([kind], { bytesPerSecond: 100 * RATE, loss: 0.01, queueBytes: 10_000_000 }, 40);
    const expected = ((1448 / 0.05) * Math.sqrt(3 / 2)) / Math.sqrt(0.01);
    expect((rates[0] as number) / expected).toBeGreaterThan(0.8);
    expect((rates[0] as number) / expected).toBeLessThan(1.2);
  });

  test('shares a line with another of its kind', () => {
    const { utilisation, rates } = run([kind, kind], {}, 25);
    expect(utilisation).toBeGreaterThanOrEqual(0.95);
    expect(jain(rates)).toBeGreaterThan(0.9);
  });

  test('sends nothing after it was stopped, nor waits for anything', () => {
    const { scheduler, stats } = run([kind], {}, 1);
    scheduler.run();
    expect(scheduler.pending).toBe(0);
    expect(stats[0]?.inFlight).toBeGreaterThan(0);
  });
});

test('a twin survives a time in which everything is lost, with timeouts that grow', () => {
  const scheduler = new VirtualScheduler();
  const line = bottleneck({ scheduler, bytesPerSecond: RATE, delay: 25, queueBytes: BDP });
  const { counts, ...flow } = line.flow();
  let cut = false;
  let sentWhileCut = 0;
  const outgoing = {
    next: (burst: readonly Uint8Array[]) => {
      if (cut) sentWhileCut += burst.length;
      else flow.sender.outgoing.next(burst);
    },
  };
  const twin = tcpFlow({ counts, ...flow, sender: { ...flow.sender, outgoing } }, 'cubic', scheduler);
  scheduler.run(2000);
  cut = true;
  scheduler.run(8000);
  // After 0.3 s, 0.6, 1.2 and 2.4: the window is one packet then.
  expect(sentWhileCut).toBeLessThan(6 + 400);
  cut = false;
  scheduler.run(14_000);
  const before = twin.stats().receivedBytes;
  scheduler.run(16_000);
  twin.stop();
  expect((twin.stats().receivedBytes - before) / 2 / RATE).toBeGreaterThan(0.9);
});

/** Acknowledges a whole window each `rtt` ms. Returns the window after each. */
function rounds(window: CongestionWindow, count: number, rtt = 100, from = 0): number[] {
  return Array.from({ length: count }, (_, round) => {
    for (let packets = Math.floor(window.packets); packets > 0; packets -= 2) {
      window.acknowledged(Math.min(packets, 2), from + round * rtt, rtt);
    }
    return window.packets;
  });
}

describe('NewReno', () => {
  test('doubles its window each round trip, and after a loss adds one packet', () => {
    const window = new NewReno();
    expect(rounds(window, 3)).toEqual([20, 40, 80]);
    window.lost(80);
    expect(window.packets).toBe(40);
    const [first = 0, second = 0] = rounds(window, 2);
    expect(first).toBeCloseTo(41, 1);
    expect(second).toBeCloseTo(42, 1);
    window.timedOut(40);
    expect(window.packets).toBe(1);
    expect(rounds(window, 4).every((packets) => packets <= 21)).toBe(true);
  });
});

describe('CUBIC', () => {
  const grown = (): Cubic => {
    const window = new Cubic();
    window.packets = 1000;
    window.lost(1000);
    return window;
  };

  test('keeps 0.7 of its window after a loss, and is back where it was after K seconds (RFC 9438, 4.2)', () => {
    const window = grown();
    expect(window.packets).toBe(700);
    const k = Math.cbrt((1000 * 0.3) / 0.4);
    const windows = rounds(window, 150);
    expect(windows[Math.round(10 * k) - 1]).toBeCloseTo(1000, -1);
    // Flat there, and steep before and after it.
    const growth = windows.map((packets, i) => packets - (windows[i - 1] ?? 700));
    expect(growth[85]).toBeLessThan(1);
    expect(growth[5]).toBeGreaterThan(5);
    expect(growth[149]).toBeGreaterThan(3);
  });

  test('gives way to newcomers: a loss below the last plateau lowers the next one (4.7)', () => {
    const window = grown();
    rounds(window, 10);
    const { packets } = window;
    expect(packets).toBeLessThan(1000);
    window.lost(packets);
    // The plateau is at 0.85 of the window now.
    const windows = rounds(window, 60, 100, 10_000);
    const flattest = windows.reduce(
      (best, each, i) => {
        const growth = each - (windows[i - 1] ?? 0);
        return i > 0 && growth < best.growth ? { growth, at: each } : best;
      },
      { growth: Infinity, at: 0 },
    );
    expect(flattest.at / packets).toBeCloseTo(0.85, 1);
  });

  test('is never slower than Reno with the same cut (4.3)', () => {
    const window = new Cubic();
    window.packets = 20;
    window.lost(20);
    const windows = rounds(window, 20, 10);
    const alpha = (3 * 0.3) / 1.7;
    expect(windows[9]).toBeCloseTo(14 + 10 * alpha, 0);
    expect(windows[19]).toBeGreaterThan(19);
  });
});

describe('the sender', () => {
  /** A sender of 10 packets in flight, numbers 0 … 9, sent 1 ms apart. */
  const sending = (): { sender: TcpSender; lost: number[] } => {
    const lost: number[] = [];
    const window = { packets: 10, acknowledged() {}, lost: (inFlight: number) => lost.push(inFlight), timedOut() {} };
    const sender = new TcpSender(window);
    for (let i = 0; i < 10; i++) expect(sender.next(i)).toBe(i);
    expect(sender.next(10)).toBeUndefined();
    return { sender, lost };
  };

  test('takes a packet for lost when three later ones have arrived, and cuts its window once for a flight', () => {
    const { sender, lost } = sending();
    sender.acknowledged([1, 2], 52);
    expect([sender.lost, lost]).toEqual([0, []]);
    sender.acknowledged([3], 53);
    expect([sender.lost, lost]).toEqual([1, [8]]);
    sender.acknowledged([5, 6, 7, 8], 58);
    expect([sender.lost, lost]).toEqual([2, [8]]);
    expect(sender.inFlight).toBe(1);
  });

  test('has its window grow with acknowledgments of what was sent after the cut, and no others', () => {
    const grown: number[] = [];
    const window = { packets: 10, acknowledged: (packets: number) => grown.push(packets), lost() {}, timedOut() {} };
    const sender = new TcpSender(window);
    for (let i = 0; i < 10; i++) sender.next(i);
    sender.acknowledged([0, 1], 50);
    sender.acknowledged([5], 55);
    expect([grown, sender.lost]).toEqual([[2], 1]);
    expect(sender.next(56)).toBe(10);
    sender.acknowledged([6, 7, 8, 9], 60);
    sender.acknowledged([9, 10], 110);
    expect(grown).toEqual([2, 1]);
  });

  test('waits longer where the round-trip time varies (RFC 6298)', () => {
    const { sender } = sending();
    sender.acknowledged([0], 50);
    sender.acknowledged([1], 451);
    // 100 ms smoothed, and four times 118.75.
    expect([sender.srtt, sender.timeoutAt]).toEqual([100, 451 + 100 + 475]);
  });

  test('waits for the round-trip time and 200 ms for its timeout, and twice as long after it', () => {
    const { sender } = sending();
    expect(sender.timeoutAt).toBe(1000);
    sender.acknowledged([0], 50);
    expect([sender.srtt, sender.timeoutAt]).toEqual([50, 300]);
    sender.timedOut();
    expect([sender.lost, sender.inFlight, sender.timeoutAt]).toEqual([9, 0, undefined]);
    expect(sender.next(301)).toBe(10);
    expect(sender.timeoutAt).toBe(801);
  });
});

test('the receiver acknowledges a packet that stays alone after 40 ms', () => {
  const scheduler = new VirtualScheduler();
  const line = bottleneck({ scheduler, bytesPerSecond: 1_500_000, delay: 25, queueBytes: BDP });
  const { counts, ...flow } = line.flow();
  const first = { next: (burst: readonly Uint8Array[]) => flow.sender.outgoing.next(burst.slice(0, 1)) };
  const twin = tcpFlow({ counts, ...flow, sender: { ...flow.sender, outgoing: first } }, 'newreno', scheduler);
  scheduler.run(95);
  twin.stop();
  // 1 ms on the line, and 40 at the receiver.
  expect(twin.stats().srtt).toBeCloseTo(91, 6);
});

test('the receiver acknowledges every second packet, and at once behind a gap', () => {
  const receiver = new TcpReceiver();
  expect(
    [0, 1, 2, 4].map((number) => {
      const isDue = receiver.arrived(number);
      if (isDue) receiver.acknowledge();
      return isDue;
    }),
  ).toEqual([false, true, false, true]);
  expect(receiver.isPending).toBe(false);
  receiver.arrived(5);
  expect(receiver.isPending).toBe(true);
  expect(receiver.acknowledge()).toEqual([0, 1, 2, 4, 5]);
});
