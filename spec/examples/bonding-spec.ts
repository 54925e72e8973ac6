// Written by docs/composing.md alone: one session over two impaired links, each datagram on both.

import { catchError, EMPTY, merge, Subject } from 'rxjs';
import { type Burst, connect, type Link, memoryPair, type Session } from 'rxkcp';
import { type Impairments, impair, useScheduler, VirtualScheduler } from 'rxkcp/testing';
import { expect, test } from 'vitest';
import { bytes, seeded } from '../support/random.ts';

function bonded(...links: readonly Link[]): Link {
  return {
    incoming: merge(...links.map(({ incoming }) => incoming.pipe(catchError(() => EMPTY)))),
    outgoing: {
      next: (burst) => {
        for (const { outgoing } of links) outgoing.next(burst);
      },
    },
    overhead: Math.max(...links.map(({ overhead = 0 }) => overhead)),
  };
}

interface Result {
  readonly exact: boolean;
  readonly timeouts: number;
  readonly repeats: number;
}

/** 100 messages of 1 kB, 20 ms apart, over paths of those kinds. */
function transfer(...paths: readonly Impairments[]): Result {
  const scheduler = new VirtualScheduler();
  const clock = useScheduler(scheduler);
  const pairs = paths.map((path, index): [Link, Link] => {
    const [near, far] = memoryPair();
    return [impair({ ...path, seed: index + 1 })(near), far];
  });
  const open = (side: 0 | 1): Session => {
    let opened: Session | undefined;
    connect({ link: bonded(...pairs.map((pair) => pair[side])), conv: 1, mode: 'fast3' }).subscribe(
      (session) => (opened = session),
    );
    return opened as Session;
  };
  const [left, right] = [open(0), open(1)];
  const random = seeded(7);
  const sent = Array.from({ length: 100 }, () => bytes(random, 1000));
  const received: Uint8Array[] = [];
  right.subscribe({ next: (message) => received.push(message), error: () => {} });
  left.subscribe({ error: () => {} });
  for (const message of sent) {
    left.next(message);
    scheduler.run(scheduler.now() + 20);
  }
  scheduler.run(scheduler.now() + 10_000);
  const { timeout } = left.stats().retransmissions;
  const repeats = right.snmp().RepeatSegs;
  const exact =
    received.length === sent.length && received.every((message, i) => message.every((b, j) => b === sent[i]?.[j]));
  left.close();
  right.close();
  clock.unsubscribe();
  return { exact, timeouts: timeout, repeats };
}

test('two bad paths are better than one: a loss needs both to lose the same datagram', () => {
  const bad = { loss: 0.2, delay: 30 };
  const [one, two] = [transfer(bad), transfer(bad, bad)];
  expect([one.exact, two.exact]).toEqual([true, true]);
  expect(one.timeouts).toBeGreaterThan(10);
  expect(two.timeouts).toBeLessThan(one.timeouts / 2);
});

test('the copy that comes second is counted, and delivered to nobody', () => {
  const result = transfer({ delay: 10 }, { delay: 40 });
  expect(result).toEqual({ exact: true, timeouts: 0, repeats: 100 });
});

test('a path that dies, silently or with an error, ends nothing', () => {
  expect(transfer({ loss: 1 }, { delay: 20 })).toEqual({ exact: true, timeouts: 0, repeats: 0 });
  const scheduler = new VirtualScheduler();
  const clock = useScheduler(scheduler);
  const [near, far] = memoryPair();
  const broken = new Subject<Burst>();
  const heard: number[] = [];
  connect({ link: far, conv: 1 }).subscribe((session) => session.subscribe(session));
  connect({ link: bonded({ ...memoryPair()[0], incoming: broken }, near), conv: 1 }).subscribe((session) => {
    session.subscribe(([byte]) => heard.push(byte as number));
    broken.error(new Error('no such path'));
    session.next(Uint8Array.of(5));
  });
  scheduler.run(1000);
  expect(heard).toEqual([5]);
  clock.unsubscribe();
});
