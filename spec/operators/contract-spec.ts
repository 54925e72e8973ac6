// The Observable contract, for every operator: rows are operators (spec/support/operator-rows.ts), columns are behaviors. A new
// operator is one row.

import { concat, config, EMPTY, map, Observable, of, range, Subject, take, tap, throwError } from 'rxjs';
import { AlreadySubscribedError, DeadLinkError } from 'rxkcp';
import * as operators from 'rxkcp/operators';
import * as testing from 'rxkcp/testing';
import { VirtualScheduler } from 'rxkcp/testing';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type AnyOperator, CALLBACKS, ROWS, type Row } from '../support/operator-rows.ts';

const failure = new Error('failure');

/** What a subscriber gets, in order. */
interface Seen {
  readonly values: unknown[];
  /** `complete` or the error. */
  readonly ends: unknown[];
}

function observe(source: Observable<unknown>): Seen {
  const seen: Seen = { values: [], ends: [] };
  source.subscribe({
    next: (value) => seen.values.push(value),
    error: (error) => seen.ends.push(error),
    complete: () => seen.ends.push('complete'),
  });
  return seen;
}

/** One run of a row, with a clock of its own. */
class Run {
  readonly scheduler = new VirtualScheduler();
  readonly operator: AnyOperator;
  readonly #row: Row;

  constructor(row: Row) {
    this.#row = row;
    this.operator = row.operator(this.scheduler);
  }

  inputs(count: number): unknown[] {
    return Array.from({ length: count }, (_, i) => this.#row.input(i));
  }

  /** What `values` look like; bytes are copied, for they may be lent. */
  show(value: unknown): unknown {
    return structuredClone(this.#row.shown?.(value) ?? value);
  }

  /** Long enough for all that is late, and for a peer to be found dead. */
  wait(): void {
    this.scheduler.run(this.scheduler.now() + 600_000);
  }
}

interface Behavior {
  readonly name: string;
  /** Rows that it does not apply to. */
  readonly except?: (row: Row) => boolean | undefined;
  readonly check: (run: Run, row: Row) => void;
}

const BEHAVIORS: readonly Behavior[] = [
  {
    name: 'subscribes to its source when it is subscribed to, and once',
    check: ({ operator }) => {
      let subscriptions = 0;
      const source = new Observable(() => {
        subscriptions++;
      });
      const behind = source.pipe(operator);
      expect(subscriptions).toBe(0);
      behind.subscribe();
      expect(subscriptions).toBe(1);
    },
  },
  {
    name: 'stops a synchronous source: take(1) draws one',
    except: ({ later }) => later,
    check: ({ operator }, { input }) => {
      let drawn = 0;
      const source = range(0, 10_000).pipe(tap(() => drawn++));
      const seen = observe(source.pipe(map(input), operator, take(1)));
      expect([drawn, seen.values.length, seen.ends]).toEqual([1, 1, ['complete']]);
    },
  },
  {
    name: 'lets go of a source that goes on, at the value that take(1) takes',
    check: ({ operator, scheduler }, { input }) => {
      const source = new Subject();
      const seen = observe(source.pipe(operator, take(1)));
      source.next(input(0));
      scheduler.run(10_000);
      expect([source.observed, seen.values.length, seen.ends]).toEqual([false, 1, ['complete']]);
      expect(scheduler.pending).toBe(0);
    },
  },
  {
    name: 'passes each value on, at once if it is not later by trade',
    check: (run, { later }) => {
      const source = new Subject();
      const seen = observe(source.pipe(run.operator));
      for (const value of run.inputs(3)) source.next(value);
      expect(seen.values.length).toBe(later ? 0 : 3);
      run.scheduler.run(10_000);
      expect(seen.values.length).toBeGreaterThanOrEqual(later ? 1 : 3);
    },
  },
  {
    name: 'passes on an error that comes first',
    check: (run) => {
      expect(observe(throwError(() => failure).pipe(run.operator))).toEqual({ values: [], ends: [failure] });
      expect(run.scheduler.pending).toBe(0);
    },
  },
  {
    name: 'passes on a completion that comes first',
    check: (run) => {
      const seen = observe(EMPTY.pipe(run.operator));
      run.wait();
      expect(seen).toEqual({ values: [], ends: ['complete'] });
      expect(run.scheduler.pending).toBe(0);
    },
  },
  {
    name: 'passes an error on at once',
    check: (run) => {
      const source = new Subject();
      const seen = observe(source.pipe(run.operator));
      source.next(run.inputs(1)[0]);
      source.error(failure);
      expect(seen.ends).toEqual([failure]);
      expect(run.scheduler.pending).toBe(0);
    },
  },
  {
    name: 'passes on an error that comes synchronously behind a value',
    check: (run, { later }) => {
      const source = concat(
        of(...run.inputs(1)),
        throwError(() => failure),
      );
      const seen = observe(source.pipe(run.operator));
      expect([seen.values.length > 0, seen.ends]).toEqual([!later, [failure]]);
      expect(run.scheduler.pending).toBe(0);
    },
  },
  {
    name: 'passes completion on, behind all values',
    check: (run, { waits, later }) => {
      const seen = observe(of(...run.inputs(3)).pipe(run.operator));
      run.wait();
      expect(seen.values.length).toBeGreaterThanOrEqual(later ? 1 : 3);
      expect(seen.ends).toEqual([waits ? expect.any(DeadLinkError) : 'complete']);
      expect(run.scheduler.pending).toBe(0);
    },
  },
  {
    name: 'may be unsubscribed from inside next',
    check: (run) => {
      const source = new Subject();
      let count = 0;
      const subscription = source.pipe(run.operator).subscribe(() => {
        count++;
        subscription.unsubscribe();
      });
      for (const value of run.inputs(3)) source.next(value);
      run.wait();
      expect([count, source.observed, run.scheduler.pending]).toEqual([1, false, 0]);
    },
  },
  {
    name: 'passes unsubscription up at once, and once',
    check: (run) => {
      let torn = 0;
      const source = new Observable(() => () => torn++);
      const subscription = source.pipe(run.operator).subscribe();
      expect(torn).toBe(0);
      subscription.unsubscribe();
      expect(torn).toBe(1);
      subscription.unsubscribe();
      expect(torn).toBe(1);
    },
  },
  {
    name: 'does nothing more after unsubscription: no value, no end, no timer',
    check: (run) => {
      let emit = (_value: unknown): void => {};
      let end = (): void => {};
      const source = new Observable((subscriber) => {
        emit = (value) => subscriber.next(value);
        end = () => subscriber.complete();
      });
      const seen: Seen = { values: [], ends: [] };
      const subscription = source.pipe(run.operator).subscribe({
        next: (value) => seen.values.push(value),
        error: (error) => seen.ends.push(error),
        complete: () => seen.ends.push('complete'),
      });
      const [first, ...others] = run.inputs(3);
      emit(first);
      const { length } = seen.values;
      subscription.unsubscribe();
      expect(run.scheduler.pending).toBe(0);
      for (const value of others) emit(value);
      end();
      run.wait();
      expect([seen.values.length, seen.ends, run.scheduler.now()]).toEqual([length, [], 600_000]);
    },
  },
  {
    name: 'keeps the order when its source emits again inside next',
    check: (run, row) => {
      const inOrder = new Run(row);
      const expected: unknown[] = [];
      of(...inOrder.inputs(3))
        .pipe(inOrder.operator)
        .subscribe({ next: (value) => expected.push(run.show(value)), error: () => {} });
      inOrder.scheduler.run(10_000);
      const source = new Subject();
      const seen: unknown[] = [];
      const [first, ...others] = run.inputs(3);
      source.pipe(run.operator).subscribe({
        next: (value) => {
          seen.push(run.show(value));
          const next = others.shift();
          if (next !== undefined) source.next(next);
        },
        error: () => {},
      });
      source.next(first);
      run.scheduler.run(10_000);
      // Those of one instant may be one burst.
      expect(seen.flat().slice(0, 3)).toEqual(expected.flat().slice(0, 3));
    },
  },
  {
    name: 'has a state of its own for each subscription',
    check: (run, { once }) => {
      const results = [0, 1].map(() => {
        const seen: unknown[] = [];
        const source = of(...run.inputs(4));
        source.pipe(run.operator, take(4)).subscribe({
          next: (value) => seen.push(run.show(value)),
          error: (error) => seen.push(error),
        });
        run.wait();
        return seen;
      });
      if (once) expect(results[1]).toEqual([expect.any(AlreadySubscribedError)]);
      else expect(results[1]).toEqual(results[0]);
      expect(results[0]?.length).toBeGreaterThan(0);
    },
  },
  {
    name: 'carries two subscriptions at a time',
    except: ({ once }) => once,
    check: (run) => {
      const [a, b] = [new Subject(), new Subject()];
      const [seenA, seenB] = [observe(a.pipe(run.operator)), observe(b.pipe(run.operator))];
      for (const value of run.inputs(4)) {
        a.next(value);
        b.next(value);
      }
      a.error(failure);
      run.scheduler.run(10_000);
      expect([seenA.ends, seenB.ends]).toEqual([[failure], []]);
      expect(seenB.values.length).toBeGreaterThan(0);
      expect([a.observed, b.observed]).toEqual([false, true]);
    },
  },
  {
    name: 'goes on for a subscriber that throws, whose error is reported',
    check: (run) => {
      const source = new Subject();
      let count = 0;
      source.pipe(run.operator).subscribe({
        next: () => {
          count++;
          throw failure;
        },
        error: () => {},
      });
      for (const value of run.inputs(2)) {
        source.next(value);
        run.scheduler.run(run.scheduler.now() + 5000);
      }
      expect(count).toBeGreaterThanOrEqual(2);
      expectedReports = count;
    },
  },
];

/** RxJS reports what nothing handles. */
const reported: unknown[] = [];
let expectedReports = 0;

beforeEach(() => {
  reported.length = 0;
  expectedReports = 0;
  config.onUnhandledError = (error) => reported.push(error);
});

afterEach(async () => {
  await new Promise((resolve) => setTimeout(resolve));
  await new Promise((resolve) => setTimeout(resolve));
  config.onUnhandledError = null;
  expect(reported).toEqual(Array.from({ length: expectedReports }, () => failure));
});

describe.each(ROWS)('$name', (row) => {
  test.each(BEHAVIORS.filter(({ except }) => !except?.(row)))('$name', ({ check }) => check(new Run(row), row));
});

describe.each(CALLBACKS)('$name, if it throws', ({ operator, inputs }) => {
  test('ends the stream with that error, and lets go of the source', () => {
    const scheduler = new VirtualScheduler();
    const source = new Subject();
    let calls = 0;
    const fails = (): never => {
      calls++;
      throw failure;
    };
    const seen = observe(source.pipe(operator(scheduler, fails)));
    for (const value of inputs) source.next(value);
    scheduler.run(10_000);
    expect([seen.ends, source.observed, calls]).toEqual([[failure], false, 1]);
    for (const value of inputs) source.next(value);
    expect([calls, scheduler.pending]).toEqual([1, 0]);
  });
});

test('every operator has a row', () => {
  const named = new Set([...ROWS, ...CALLBACKS].map(({ name }) => name.split(/[^\w]/)[0]));
  const isOperator = ([name, value]: [string, unknown]): boolean =>
    typeof value === 'function' && /^[a-z]/.test(name) && !HELPERS.includes(name);
  const names = Object.entries({ ...operators, ...testing }).filter(isOperator);
  expect(names.map(([name]) => name).filter((name) => !named.has(name))).toEqual([]);
});

/** What is no operator, or dials again when its source ends, where every other one ends with it. */
const HELPERS = [
  ...[
    'attack',
    'bottleneck',
    'burstsOf',
    'convOf',
    'impair',
    'label',
    'labeller',
    'lineOf',
    'pair',
    'seededRandom',
    'tcpFlow',
    'useScheduler',
    'virtual',
  ],
  'reconnecting',
  ...['literalOf', 'planOf', 'runPlan', 'shrinkPlan', 'swarm'],
];
