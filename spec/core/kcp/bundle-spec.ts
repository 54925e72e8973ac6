// Bundling: what goes along, when, and what comes of it. Whole conversations in virtual time, whose every byte is checked.

import { type Bundling, bundling, type SessionOptions } from 'rxkcp';
import { burstsOf, type Impairments, pair } from 'rxkcp/testing';
import { describe, expect, test } from 'vitest';
import { requireBundle, withBundle } from '../../../src/arq/bundling/explicit.ts';
import { readInt32 } from '../../../src/bytes/int.ts';
import { PUSH, SEGMENT_HEADER } from '../../../src/core/kcp/segment.ts';
import { integer, seeded, seeds } from '../../support/random.ts';

/** 64 bytes every 20 ms, echoed. */
interface Echo {
  readonly count?: number;
  readonly pace?: number;
  readonly size?: number;
  readonly seed?: number;
}

interface Outcome {
  readonly p50: number;
  readonly p99: number;
  /** Datagrams and bytes, both ways. */
  readonly datagrams: number;
  readonly bytes: number;
  readonly retransmitted: number;
  readonly hash: string;
}

function echo(
  network: Impairments,
  options: SessionOptions,
  { count = 3000, pace = 20, size = 64, seed = 7 }: Echo = {},
): Outcome {
  const { left, right, run, scheduler, transcript, close } = pair({
    seed,
    keep: 0,
    network,
    options: { mode: 'fast3', ...options },
  });
  const sentAt: number[] = [];
  const times: number[] = [];
  right.session.subscribe((message) => right.send(message));
  left.delivered$.subscribe(({ at }) => times.push(at - (sentAt[times.length] as number)));
  for (let i = 0; i < count; i++) {
    sentAt.push(scheduler.now());
    left.send(new Uint8Array(size).fill(i));
    run((i + 1) * pace);
  }
  run(count * pace + 20_000);
  expect(times.length).toBe(count);
  times.sort((a, b) => a - b);
  const stats = [left.session.stats(), right.session.stats()];
  const sum = (figure: (each: (typeof stats)[number]) => number): number =>
    stats.reduce((all, each) => all + figure(each), 0);
  const outcome = {
    p50: times[Math.ceil(count * 0.5) - 1] as number,
    p99: times[Math.ceil(count * 0.99) - 1] as number,
    datagrams: sum((each) => each.packetsSent),
    bytes: sum((each) => each.wireBytesSent),
    retransmitted: left.session.snmp().RetransSegs + right.session.snmp().RetransSegs,
    hash: transcript.hash,
  };
  close();
  return outcome;
}

const ROUTE = { delay: 25, jitter: 5 };

describe('adaptive bundling', () => {
  test('changes nothing on a network that loses nothing', () => {
    expect(echo(ROUTE, { bundle: 'adaptive' })).toEqual(echo(ROUTE, { bundle: false }));
  });

  test.each([
    [0.1, 110, 60],
    [0.2, 135, 62],
    [0.3, 170, 80],
  ])('at a loss of %d each way keeps p99 below %i ms and p50 below %i, with no datagram more', (loss, p99, p50) => {
    const bare = echo({ ...ROUTE, loss }, { bundle: false });
    const bundled = echo({ ...ROUTE, loss }, {});
    expect(bundled.p99).toBeLessThan(p99);
    expect(bundled.p50).toBeLessThan(p50);
    expect(bundled.datagrams).toBeLessThanOrEqual(bare.datagrams);
    expect(bundled.p99).toBeLessThan(bare.p99 * 0.6);
  });

  test('gets deep enough for bursts of losses', () => {
    const network = { ...ROUTE, burstLoss: burstsOf(0.2, 3) };
    expect(echo(network, {}).p99).toBeLessThan(200);
    expect(echo(network, { bundle: false }).p99).toBeGreaterThan(280);
  });

  test('does not begin where one datagram in 2000 is lost', () => {
    const network = { ...ROUTE, loss: 0.0005 };
    let more = 0;
    for (const seed of [1, 2, 3])
      more += echo(network, {}, { seed }).bytes / echo(network, { bundle: false }, { seed }).bytes - 1;
    expect(more / 3).toBeLessThan(0.1);
  });

  test('leaves streams of more than 100 datagrams per second alone', () => {
    const network = { ...ROUTE, loss: 0.1 };
    const fast = { count: 3000, pace: 4 };
    expect(echo(network, {}, fast).bytes).toBeLessThan(echo(network, { bundle: false }, fast).bytes * 1.02);
  });

  test('leaves off for longer and longer where the bundles make a queue', () => {
    // A line that carries the messages, but not the bundles as well.
    const network = { ...ROUTE, loss: 0.1, rate: { bytesPerSecond: 12_000, queueBytes: 1_000_000 } };
    const [bundled, bare] = [echo(network, {}, { count: 4000 }), echo(network, { bundle: false }, { count: 4000 })];
    expect(bundled.bytes).toBeLessThan(bare.bytes * 1.2);
    expect(bundled.p50).toBeLessThan(bare.p50 * 1.25);
  });

  test('knows each conversation by itself, though all have the same bundling', () => {
    const shared = bundling('adaptive');
    echo({ ...ROUTE, loss: 0.3 }, { bundle: shared });
    expect(echo(ROUTE, { bundle: shared })).toEqual(echo(ROUTE, { bundle: false }));
  });

  test('is off for a session with FEC, unless it is asked for', () => {
    const network = { ...ROUTE, loss: 0.1 };
    const fec = { data: 3, parity: 1 };
    expect(echo(network, { fec })).toEqual(echo(network, { fec, bundle: false }));
    expect(echo(network, { fec, bundle: 'adaptive' }).bytes).toBeGreaterThan(echo(network, { fec }).bytes * 1.2);
  });
});

/** Every PUSH that `left` sends, by datagram. */
function pushes(
  options: SessionOptions,
  messages: readonly number[],
  pace: number,
  network: Impairments = { delay: 50 },
) {
  const datagrams: { at: number; length: number; segments: { sn: number; ts: number; length: number }[] }[] = [];
  const { left, run, scheduler, close, transcript } = pair({
    network,
    keep: 100_000,
    options: { mode: 'fast3', ...options },
  });
  for (const length of messages) {
    left.send(new Uint8Array(length).fill(length));
    run(scheduler.now() + pace);
  }
  run(scheduler.now() + 5000);
  for (const { at, from, what, packet } of transcript.entries) {
    if (what !== 'sent' || from !== 'left') continue;
    const segments = [];
    for (let offset = 0; offset < packet.length; offset += SEGMENT_HEADER + readInt32(packet, offset + 20)) {
      if (packet[offset + 4] !== PUSH) continue;
      segments.push({
        sn: readInt32(packet, offset + 12),
        ts: readInt32(packet, offset + 8),
        length: readInt32(packet, offset + 20),
      });
    }
    datagrams.push({ at, length: packet.length, segments });
  }
  const { RetransSegs } = left.session.snmp();
  close();
  return { datagrams, RetransSegs };
}

describe('bundling within limits', () => {
  const messages = Array.from({ length: 30 }, (_, i) => 40 + i);

  test('adds to datagrams with new data the newest segments that are not acknowledged, each with a time of its own', () => {
    const bundled = pushes({ bundle: { segments: 2, bytes: 1000 } }, messages, 20);
    const bare = pushes({ bundle: false }, messages, 20);
    expect(bundled.RetransSegs).toBe(bare.RetransSegs);
    expect(bundled.datagrams.map(({ at }) => at)).toEqual(bare.datagrams.map(({ at }) => at));
    let most = 0;
    for (const [i, { segments, at }] of bundled.datagrams.entries()) {
      const own = bare.datagrams[i]?.segments ?? [];
      expect(segments.slice(0, own.length)).toEqual(own);
      const copies = segments.slice(own.length);
      most = Math.max(most, copies.length);
      if (own.length === 0) expect(copies).toEqual([]);
      for (const [k, copy] of copies.entries()) {
        expect(copy.sn).toBe((own[0]?.sn ?? 0) - 1 - k);
        expect(copy.ts).toBe(segments[0]?.ts);
        expect(copy.length).toBe(messages[copy.sn]);
      }
      expect(at).toBeGreaterThanOrEqual(0);
    }
    expect(most).toBe(2);
  });

  test('keeps to the bytes, and to the MTU', () => {
    for (const [limits, mtu] of [
      [{ segments: 64, bytes: 150 }, 1400],
      [{ segments: 64, bytes: 1472 }, 200],
    ] as const) {
      const bundled = pushes({ bundle: limits, mtu }, messages, 10).datagrams;
      const bare = pushes({ bundle: false, mtu }, messages, 10).datagrams;
      expect(bundled.length).toBe(bare.length);
      let added = 0;
      for (const [i, { length }] of bundled.entries()) {
        expect(length).toBeLessThanOrEqual(mtu);
        const more = length - (bare[i]?.length ?? 0);
        expect(more).toBeLessThanOrEqual(limits.bytes);
        added += more;
      }
      expect(added).toBeGreaterThan(0);
    }
  });

  test('begins and ends when the session is told to, and peers need not do it, too', () => {
    const { left, right, run, scheduler, close } = pair({
      network: ROUTE,
      right: { bundle: false },
      options: { mode: 'fast3', bundle: false },
    });
    const bytesOf = (count: number): number => {
      const before = left.session.stats().wireBytesSent;
      for (let i = 0; i < count; i++) {
        left.send(new Uint8Array(100).fill(i));
        run(scheduler.now() + 20);
      }
      run(scheduler.now() + 500);
      return left.session.stats().wireBytesSent - before;
    };
    const off = bytesOf(50);
    left.session.configure({ bundle: { segments: 3, bytes: 1000 } });
    expect(bytesOf(50)).toBeGreaterThan(off * 2);
    left.session.configure({ bundle: false });
    expect(bytesOf(50)).toBeLessThanOrEqual(off * 1.01);
    expect(right.outstandingBytes).toBe(0);
    close();
  });

  test.each(seeds(20))('delivers every byte, whatever is sent over whatever network (seed %i)', (seed) => {
    const random = seeded(seed);
    const share = integer(random, 0, 30) / 100;
    const { left, right, run, scheduler, close } = pair({
      seed,
      network: {
        delay: integer(random, 0, 100),
        jitter: 20,
        duplicate: 0.05,
        reorder: 0.1,
        ...(random() < 0.5 ? { loss: share } : { burstLoss: burstsOf(share, 3) }),
      },
      options: {
        mode: 'fast3',
        stream: random() < 0.3,
        mtu: integer(random, 60, 1472),
        bundle: { segments: integer(random, 1, 64), bytes: integer(random, 1, 1472) },
      },
      right: random() < 0.5 ? { bundle: 'adaptive' } : {},
    });
    for (let i = 0; i < 200; i++) {
      const end = random() < 0.5 ? left : right;
      end.send(new Uint8Array(integer(random, 1, 3000)).fill(i));
      run(scheduler.now() + integer(random, 0, 40));
    }
    run(scheduler.now() + 120_000);
    expect([left.outstandingBytes, right.outstandingBytes]).toEqual([0, 0]);
    close();
  });
});

test.each([
  [{ segments: 0, bytes: 1 }, 'bundle.segments'],
  [{ segments: 65, bytes: 1 }, 'bundle.segments'],
  [{ segments: 1, bytes: 1473 }, 'bundle.bytes'],
  [{ segments: 1 }, 'bundle.bytes'],
  [{ segments: 1, bytes: 1, depth: 1 }, 'bundle.depth'],
  ['adaptve', 'bundle'],
  [true, 'bundle'],
])('bundle: %o is refused by name', (bundle, option) => {
  expect(() => pair({ options: { bundle: bundle as never } })).toThrow(expect.objectContaining({ option }));
});

describe('in a page', () => {
  test('nothing goes along unless the session is given a bundling', () => {
    expect(withBundle({ fec: undefined })).toEqual({ fec: undefined });
    const given: Bundling = bundling({ segments: 2, bytes: 400 });
    for (const right of [false, given]) expect(requireBundle('bundle', right)).toBe(right);
    expect(() => requireBundle('bundle', 'adaptive')).toThrow('option bundle must be a function');
  });
});
