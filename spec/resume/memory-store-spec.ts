// The store in memory: compare-and-swap, caps, expiry.

import { memoryResumeStore, ResumeError, type ResumeRecord, type StoredSession } from 'rxkcp/resume';
import { VirtualScheduler } from 'rxkcp/testing';
import { describe, expect, test } from 'vitest';

const record: ResumeRecord = {
  secret: new Uint8Array(16),
  epoch: 1,
  confirmed: 0,
  received: 0,
  isPeerFinished: false,
  acked: 0,
  sent: 0,
  isFinished: false,
  isOver: false,
};

function open(options: { maxSessions?: number; maxBytes?: number } = {}) {
  const scheduler = new VirtualScheduler();
  return { scheduler, store: memoryResumeStore({ scheduler, ...options }) };
}

describe('the store in memory', () => {
  test('creates a session once, and writes for whoever has the newest revision', () => {
    const { store } = open();
    const first = store.create('a', record, 1000) as number;
    expect(store.create('a', record, 1000)).toBeUndefined();
    const second = store.update('a', first, { ...record, epoch: 2 }, [], 1000) as number;
    expect(second).toBeGreaterThan(first);
    expect(store.update('a', first, record, [], 1000)).toBeUndefined();
    store.remove('a', first);
    expect((store.read('a') as StoredSession).record.epoch).toBe(2);
    store.remove('a', second);
    expect(store.read('a')).toBeUndefined();
    expect(store.update('a', second, record, [], 1000)).toBeUndefined();
  });

  test('appends messages, and drops those that were acknowledged', () => {
    const { store } = open({ maxBytes: 6 });
    let revision = store.create('a', record, 1000) as number;
    const write = (acked: number, sent: number, ...messages: number[][]): void => {
      const all = messages.map((message) => Uint8Array.from(message));
      revision = store.update('a', revision, { ...record, acked, sent }, all, 1000) as number;
    };
    const kept = (): number[][] => (store.read('a') as StoredSession).messages.map((message) => [...message]);
    write(0, 2, [1, 1], [2, 2]);
    write(1, 3, [3, 3]);
    expect(kept()).toEqual([
      [2, 2],
      [3, 3],
    ]);
    write(1, 4, [4, 4]);
    expect(() => write(1, 5, [5])).toThrow(expect.objectContaining({ kind: 'full' }));
    // Of what is acknowledged in the same writing, the bytes are free.
    write(4, 5, [5, 5, 5, 5, 5, 5]);
    expect(kept()).toEqual([[5, 5, 5, 5, 5, 5]]);
  });

  test('expires by its clock, each session after its own time', () => {
    const { store, scheduler } = open();
    store.create('short', record, 100);
    const revision = store.create('renewed', record, 100) as number;
    store.create('long', record, 1000);
    scheduler.run(99);
    expect(store.update('renewed', revision, record, [], 100)).toBeDefined();
    scheduler.run(100);
    expect(store.read('short')).toBe('expired');
    expect(store.update('short', 1, record, [], 100)).toBeUndefined();
    expect(store.read('renewed')).toMatchObject({ record });
    scheduler.run(199);
    expect(store.read('renewed')).toBe('expired');
    expect(store.read('long')).toMatchObject({ record });
    expect(store.read('never')).toBeUndefined();
    // One that has expired can be made again.
    expect(store.create('short', record, 100)).toBeDefined();
    expect(scheduler.pending).toBe(0);
  });

  test('has room for maxSessions, and for those that come after others have expired', () => {
    const { store, scheduler } = open({ maxSessions: 2 });
    store.create('a', record, 100);
    store.create('b', record, 200);
    expect(() => store.create('c', record, 100)).toThrow(ResumeError);
    scheduler.run(150);
    expect(store.create('c', record, 100)).toBeDefined();
    expect(() => store.create('d', record, 100)).toThrow(/maxSessions/);
  });

  test('tells those who watch a session of its revisions, until they have enough', () => {
    const { store } = open();
    const revision = store.create('a', record, 100) as number;
    const seen: number[] = [];
    const unwatch = store.watch?.('a', (changed) => seen.push(changed));
    store.create('b', record, 100);
    const next = store.update('a', revision, record, [], 100) as number;
    unwatch?.();
    store.update('a', next, record, [], 100);
    expect(seen).toEqual([next]);
  });
});
