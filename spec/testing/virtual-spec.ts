import { concatMap, firstValueFrom, interval, map, NEVER, of, switchMap, timer } from 'rxjs';
import { OptionError, type Session, snmp$ } from 'rxkcp';
import { rateLimit } from 'rxkcp/operators';
import { delayBy, virtual } from 'rxkcp/testing';
import { expect, test } from 'vitest';
import { text, words } from '../support/marbles.ts';

const equal = (actual: unknown, expected: unknown): void => expect(actual).toEqual(expected);
const messages = { a: text('a'), b: text('b'), c: text('c') };

test('a conversation is two diagrams, with the network between them', () => {
  virtual(
    equal,
    ({ cold, expectObservable, expectSubscriptions, left, right }) => {
      const source = cold('a 49ms b', messages);
      source.pipe(concatMap((message) => of(message))).subscribe(left);
      right.subscribe(right);
      expectObservable(left.pipe(map(words))).toBe('40ms a 49ms b');
      expectSubscriptions(source.subscriptions).toBe('^');
    },
    { network: { delay: 20 }, options: { mode: 'fast3' } },
  );
});

test('a message that a blackout has lost comes after the retransmission timeout', () => {
  virtual(
    equal,
    ({ cold, expectObservable, left, right, transcript }) => {
      cold('a', messages).subscribe(left);
      expectObservable(right.pipe(map(words))).toBe('210ms a');
      timer(1000).subscribe(() => expect(transcript.entries.filter(({ what }) => what === 'lost').length).toBe(1));
    },
    { network: { delay: 10, blackouts: [{ at: 0, duration: 5 }] }, options: { mode: 'fast3' } },
  );
});

test('an end is an end in the diagrams, too: of the session, of its source, and with an error', () => {
  virtual(equal, ({ cold, expectObservable, left, right }) => {
    cold('-a-|', messages).subscribe(left);
    expectObservable(right.pipe(map(words))).toBe('-a-|');
    expectObservable(left.closed$.pipe(map(({ reason }) => reason))).toBe('---(c|)', { c: 'completed' });
  });
  virtual(equal, ({ expectObservable, right }) => expectObservable(right).toBe('300ms #', {}, expect.anything()), {
    network: { loss: 1 },
    right: { idleTimeout: 300 },
  });
});

test('a diagram that is wrong is an error, of the framework that compares', () => {
  expect(() =>
    virtual(equal, ({ cold, expectObservable, left, right }) => {
      cold('a', messages).subscribe(left);
      expectObservable(right).toBe('b', messages);
    }),
  ).toThrow('to deeply equal');
});

test('it returns though the session has something to do for ever, and closes both ends', () => {
  const sessions: Session[] = [];
  // A closed window is probed, and so is a silent peer.
  for (const idle of [{}, { idleTimeout: 1000 }]) {
    virtual(
      equal,
      ({ expectObservable, left, right }) => {
        sessions.push(left, right);
        interval(1).subscribe(() => left.stats());
        for (let i = 0; i < 300; i++) left.next(Uint8Array.of(i));
        expectObservable(right.pipe(switchMap(() => NEVER))).toBe('');
        right.pause();
      },
      { until: 5000, options: idle },
    );
  }
  expect(sessions.map(({ closed }) => closed)).toEqual([true, true, true, true]);
});

test('both ends are closed if the test throws, and the default clock is back', () => {
  const sessions: Session[] = [];
  const failing = (): void =>
    virtual(equal, ({ left, right }) => {
      sessions.push(left, right);
      throw new Error('as planned');
    });
  expect(failing).toThrow('as planned');
  expect(sessions.map(({ closed }) => closed)).toEqual([true, true]);
  // On a clock that stands still, the first reading would never come.
  return firstValueFrom(snmp$(1));
});

test('everything in it is on the virtual clock without being told', () => {
  virtual(equal, ({ cold, expectObservable, scheduler }) => {
    const burst = [new Uint8Array(1000), new Uint8Array(1000)];
    const passed = cold('a', { a: burst }).pipe(
      delayBy(5),
      rateLimit(1000, { burst: 1000 }),
      map(() => scheduler.now()),
    );
    expectObservable(passed).toBe('5ms a 999ms b', { a: 5, b: 1005 });
  });
});

test('it returns what the test returns, and the same run has the same hash', () => {
  const hash = (seed: number): string => {
    const transcript = virtual(
      equal,
      ({ left, right, ...rest }) => {
        right.subscribe();
        for (let i = 0; i < 100; i++) left.next(Uint8Array.of(i));
        return rest.transcript;
      },
      { seed, network: { loss: 0.2, delay: 20 } },
    );
    expect(transcript.count).toBeGreaterThan(50);
    return transcript.hash;
  };
  expect(hash(1)).toBe(hash(1));
  expect(hash(1)).not.toBe(hash(2));
});

test('settings of one end are of that end, and options are checked', () => {
  virtual(
    equal,
    ({ left, right }) => expect([left.conv, right.conv, left.messageMax]).toEqual([9, 9, Number.POSITIVE_INFINITY]),
    { options: { conv: 9 }, left: { stream: true } },
  );
  expect(() => virtual(equal, () => {}, { until: -1 })).toThrow(OptionError);
  expect(() => virtual(equal, () => {}, { untill: 1 } as never)).toThrow('did you mean until?');
  expect(() => virtual(undefined as never, () => {})).toThrow('assertDeepEqual');
  expect(() => virtual(equal, undefined as never)).toThrow('option test');
});
