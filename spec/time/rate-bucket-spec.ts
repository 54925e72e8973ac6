import { Subject } from 'rxjs';
import { type Burst, connect, type Link, OptionError, type RateBucket, rateBucket, type Session } from 'rxkcp';
import { VirtualScheduler } from 'rxkcp/testing';
import { describe, expect, test } from 'vitest';
import { wins } from '../support/marbles.ts';

const RATE = 100_000;

/** Sessions that share `rateLimit` and have heard from their peers; counts the bytes that each has sent. */
function senders(count: number, rateLimit: RateBucket, scheduler: VirtualScheduler) {
  return Array.from({ length: count }, () => {
    const incoming = new Subject<Burst>();
    const sent = new Subject<Burst>();
    const end = { bytes: 0, session: undefined as Session | undefined };
    sent.subscribe((burst) => {
      for (const { length } of burst) end.bytes += length;
    });
    const link: Link = { incoming, outgoing: sent };
    connect({ link, scheduler, conv: 1, rateLimit, sendWindow: 1000 }).subscribe((session) => {
      end.session = session;
    });
    incoming.next([wins(1000)]);
    return end as { bytes: number; session: Session };
  });
}

describe('a rate bucket as the limit of several sessions', () => {
  test('lets all of them together send at its rate, in turns, whatever the size of their datagrams', () => {
    const scheduler = new VirtualScheduler();
    const bucket = rateBucket(RATE, { burst: 10_000, scheduler });
    const ends = senders(3, bucket, scheduler);
    const sizes = [1376, 1376, 676];
    ends.forEach(({ session }, i) => {
      for (let k = 0; k < 200; k++) session.next(new Uint8Array(sizes[i] as number));
    });
    const before = ends.map(({ bytes }) => bytes);
    scheduler.run(1000);
    const grown = ends.map(({ bytes }, i) => bytes - (before[i] as number));
    const total = grown.reduce((sum, bytes) => sum + bytes, 0);
    expect(total).toBeGreaterThan(RATE - 3000);
    expect(total).toBeLessThanOrEqual(RATE + 3000);
    const datagrams = grown.map((bytes, i) => bytes / ((sizes[i] as number) + 24));
    expect(Math.max(...datagrams) - Math.min(...datagrams)).toBeLessThanOrEqual(1);
    for (const { session } of ends) session.close();
  });

  test('changes its rate for all of them, and is left for a limit of its own', () => {
    const scheduler = new VirtualScheduler();
    const bucket = rateBucket(RATE, { burst: 1400, scheduler });
    const [first, second] = senders(2, bucket, scheduler) as [
      { bytes: number; session: Session },
      { bytes: number; session: Session },
    ];
    for (let k = 0; k < 500; k++) first.session.next(new Uint8Array(1376));
    scheduler.run(1000);
    const { bytes } = first;
    expect(bytes).toBeGreaterThan(RATE * 0.97);
    expect(bytes).toBeLessThan(RATE * 1.03 + 1400);
    bucket.rate = 2 * RATE;
    scheduler.run(2000);
    expect(first.bytes - bytes).toBeGreaterThan(RATE * 1.94);
    second.session.configure({ rateLimit: 0 });
    second.session.next(new Uint8Array(1376));
    expect(second.bytes).toBe(1400);
    first.session.close();
    second.session.close();
  });
});

describe('RateBucket.take', () => {
  test('resolves at once while the bucket has the bytes, then in order, when they are paid for', async () => {
    const scheduler = new VirtualScheduler();
    const bucket = rateBucket(1000, { burst: 1000, scheduler });
    const times: number[] = [];
    for (const bytes of [600, 400, 500, 0, 1500]) {
      void bucket.take(bytes).then(() => {
        times.push(scheduler.now());
      });
    }
    for (let at = 0; at <= 2500; at += 100) {
      scheduler.run(at);
      await Promise.resolve();
      await Promise.resolve();
    }
    expect(times).toEqual([0, 0, 500, 500, 2000]);
  });

  test('is one limit for all who ask, together with sessions', () => {
    const scheduler = new VirtualScheduler();
    const bucket = rateBucket(RATE, { burst: 2000, scheduler });
    const [end] = senders(1, bucket, scheduler) as [{ bytes: number; session: Session }];
    void bucket.take(RATE);
    end.session.next(new Uint8Array(1000));
    scheduler.run(900);
    expect(end.bytes).toBe(0);
    scheduler.run(1000);
    expect(end.bytes).toBe(1024);
    end.session.close();
  });
});

test.each([
  [0, {}, 'bytesPerSecond'],
  [2 ** 32, {}, 'bytesPerSecond'],
  [1, { burst: 0 }, 'burst'],
  [1, { brust: 1 }, 'brust'],
  [1, { scheduler: 1 }, 'scheduler'],
])('rateBucket(%s, %o) is refused', (rate, options, option) => {
  expect(() => rateBucket(rate, options as object)).toThrow(expect.objectContaining({ option }));
  expect(() => rateBucket(rate, options as object)).toThrow(OptionError);
});

test('a rate, or bytes, that are none are refused', () => {
  const bucket = rateBucket(1);
  expect(() => {
    bucket.rate = 0;
  }).toThrow(OptionError);
  expect(bucket.rate).toBe(1);
  expect(() => bucket.take(-1)).toThrow(OptionError);
  expect(() => connect({ link: {} as Link, rateLimit: {} as RateBucket })).toThrow('rateLimit');
});
