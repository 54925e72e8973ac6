import { map, Subject } from 'rxjs';
import { aesGcm, type Burst, memoryPair, OptionError } from 'rxkcp';
import { decrypt } from 'rxkcp/operators';
import {
  blackOut,
  burstsOf,
  capMtu,
  corrupt,
  delayBy,
  duplicate,
  type Impairments,
  impair,
  impairBursts,
  limitRate,
  lose,
  loseInBursts,
  type NetworkEvent,
  reorder,
  VirtualScheduler,
} from 'rxkcp/testing';
import { describe, expect, test, vi } from 'vitest';
import { Slab } from '../../src/bytes/slab.ts';
import { testScheduler, text, words } from '../support/marbles.ts';

/** Numbers 0 … count − 1 as datagrams of four bytes. */
const numbered = (count: number): Uint8Array[] =>
  Array.from({ length: count }, (_, i) => new Uint8Array(Uint32Array.of(i).buffer));
const numberOf = (datagram: Uint8Array): number => new Uint32Array(datagram.slice().buffer)[0] as number;

interface Arrival {
  readonly at: number;
  readonly numbers: number[];
}

/** Sends `count` datagrams, one every `every` ms, through a network. */
function passing(impairments: Impairments, count: number, every = 1, seed = 1): Arrival[] {
  const scheduler = new VirtualScheduler();
  const source = new Subject<Burst>();
  const arrivals: Arrival[] = [];
  source.pipe(impairBursts(impairments, { scheduler, seed })).subscribe((burst) => {
    arrivals.push({ at: scheduler.now(), numbers: burst.map(numberOf) });
  });
  for (const [i, datagram] of numbered(count).entries()) scheduler.schedule(() => source.next([datagram]), i * every);
  scheduler.run();
  return arrivals;
}

const numbersOf = (arrivals: Arrival[]): number[] => arrivals.flatMap(({ numbers }) => numbers);

describe('loss', () => {
  test('takes the share asked for, the same datagrams for the same seed, others for another', () => {
    const survivors = numbersOf(passing({ loss: 0.2 }, 10_000));
    expect(survivors.length / 10_000).toBeCloseTo(0.8, 1.9);
    expect(numbersOf(passing({ loss: 0.2 }, 10_000))).toEqual(survivors);
    expect(numbersOf(passing({ loss: 0.2 }, 10_000, 1, 2))).not.toEqual(survivors);
  });

  test('comes in bursts of the length asked for', () => {
    const count = 50_000;
    const survivors = new Set(numbersOf(passing({ burstLoss: burstsOf(0.1, 5) }, count)));
    let bursts = 0;
    for (let i = 1; i < count; i++) if (!survivors.has(i) && survivors.has(i - 1)) bursts++;
    const lost = count - survivors.size;
    expect(lost / count).toBeCloseTo(0.1, 1.9);
    expect(lost / bursts).toBeGreaterThan(4.5);
    expect(lost / bursts).toBeLessThan(5.5);
  });

  test('has a share of its own in each state of the channel', () => {
    const always = { enter: 1, leave: 0 };
    expect(passing({ burstLoss: { ...always, bad: 0 } }, 100)).toHaveLength(100);
    expect(passing({ burstLoss: always }, 100)).toHaveLength(0);
    expect(passing({ burstLoss: { enter: 0, leave: 0, good: 1 } }, 100)).toHaveLength(0);
  });
});

describe('time', () => {
  test('passes for each datagram, and those of one instant arrive as one burst', () => {
    const scheduler = testScheduler();
    scheduler.run(({ hot, expectObservable, expectSubscriptions }) => {
      const source = hot('a-(bc)d---|', { a: [text('a')], b: [text('b'), text('B')], c: [text('c')], d: [text('d')] });
      const arriving = source.pipe(
        delayBy(5, { scheduler }),
        map((burst) => burst.map(words).join('')),
      );
      // The source has ended, but one is still under way.
      expectObservable(arriving).toBe('-----a-x---(d|)', { a: 'a', x: 'bBc', d: 'd' });
      expectSubscriptions(source.subscriptions).toBe('^---------!');
    });
  });

  test('ends for what is under way when nobody waits for it any more', () => {
    const scheduler = new VirtualScheduler();
    const source = new Subject<Burst>();
    const subscription = source.pipe(delayBy(5, { scheduler })).subscribe();
    source.next(numbered(3));
    expect(scheduler.pending).toBe(1);
    subscription.unsubscribe();
    expect(scheduler.pending).toBe(0);
    expect(source.observed).toBe(false);
  });

  test('varies with jitter, around the delay, and keeps the order', () => {
    const arrivals = passing({ delay: 50, jitter: 20 }, 2000, 100);
    const delays = arrivals.map(({ at }, i) => at - 100 * i);
    expect(Math.min(...delays)).toBeLessThanOrEqual(32);
    expect(Math.max(...delays)).toBeGreaterThanOrEqual(69);
    expect(Math.max(...delays)).toBeLessThanOrEqual(70);
    expect(delays.reduce((a, b) => a + b) / delays.length).toBeCloseTo(50.5, 0);
    const dense = numbersOf(passing({ delay: 50, jitter: 20 }, 2000));
    expect(dense).toEqual(dense.toSorted((a, b) => a - b));
  });

  test('is longer for those that are overtaken', () => {
    const arrivals = passing({ delay: 50, reorder: 0.1, reorderBy: 7 }, 1000);
    const late = arrivals.flatMap(({ at, numbers }) => numbers.filter((number) => at - number === 57));
    const others = arrivals.flatMap(({ at, numbers }) => numbers.filter((number) => at - number === 50));
    expect(late.length + others.length).toBe(1000);
    expect(late.length / 1000).toBeCloseTo(0.1, 1);
  });
});

describe('a narrow line', () => {
  test('sends one datagram after another, and drops what does not fit into its queue', () => {
    const scheduler = new VirtualScheduler();
    const source = new Subject<Burst>();
    const arrivals: [number, number][] = [];
    const rate = { bytesPerSecond: 1000, queueBytes: 8 };
    source.pipe(limitRate(rate, { scheduler })).subscribe((burst) => {
      arrivals.push(...burst.map((datagram): [number, number] => [numberOf(datagram), scheduler.now()]));
    });
    // Four bytes take 4 ms: of five at once, one is on the line, two... wait for 4 bytes each, two find no room.
    source.next(numbered(5));
    scheduler.run(4);
    source.next(numbered(6).slice(5));
    scheduler.run();
    expect(arrivals).toEqual([
      [0, 4],
      [1, 8],
      [5, 12],
    ]);
  });

  test('is as fast as it says', () => {
    const arrivals = passing({ rate: { bytesPerSecond: 1000, queueBytes: 1_000_000 } }, 1000);
    expect(arrivals.at(-1)?.at).toBe(4000);
  });

  test('does not carry what is longer than its MTU', () => {
    const source = new Subject<Burst>();
    const lengths: number[] = [];
    source.pipe(capMtu(100)).subscribe((burst) => lengths.push(...burst.map(({ length }) => length)));
    source.next([new Uint8Array(100), new Uint8Array(101), new Uint8Array(1)]);
    source.next([new Uint8Array(101)]);
    expect(lengths).toEqual([100, 1]);
  });
});

test('a blackout takes what is sent from its first ms to its last', () => {
  const survivors = numbersOf(passing({ delay: 3, blackouts: [{ at: 2, duration: 3 }] }, 8));
  expect(survivors).toEqual([0, 1, 5, 6, 7]);
  const source = new Subject<Burst>();
  const scheduler = new VirtualScheduler(1000);
  const arrivals: number[] = [];
  source.pipe(blackOut([{ at: 0, duration: 10 }], { scheduler })).subscribe(() => arrivals.push(scheduler.now()));
  source.next(numbered(1));
  scheduler.run(1010);
  source.next(numbered(1));
  expect(arrivals).toEqual([1010]);
});

test('duplicates follow the original, and reach no further than the share', () => {
  expect(numbersOf(passing({ duplicate: 1 }, 3))).toEqual([0, 0, 1, 1, 2, 2]);
  expect(numbersOf(passing({ duplicate: 0.1 }, 10_000)).length / 10_000).toBeCloseTo(1.1, 1.9);
});

test('corruption turns over one bit of a copy', () => {
  const source = new Subject<Burst>();
  const seen: Uint8Array[] = [];
  source.pipe(corrupt(1)).subscribe((burst) => seen.push(...burst));
  const original = Uint8Array.from({ length: 100 }, (_, i) => i);
  const sent = original.slice();
  source.next([sent, new Uint8Array(0)]);
  expect(sent).toEqual(original);
  const bits = [...(seen[0] as Uint8Array)].map((byte, i) => (byte ^ i).toString(2).replaceAll('0', '').length);
  expect(bits.reduce((a, b) => a + b)).toBe(1);
  expect(seen[1]).toEqual(new Uint8Array(0));
});

test('no impairment changes the dice of another', () => {
  const lost = (impairments: Impairments): number[] => {
    const arrived = new Set(numbersOf(passing({ ...impairments, loss: 0.1 }, 2000)));
    return numbered(2000)
      .map(numberOf)
      .filter((number) => !arrived.has(number));
  };
  const alone = lost({});
  const others: Impairments[] = [
    { jitter: 30, delay: 30 },
    { duplicate: 0.2 },
    { reorder: 0.3 },
    { rate: { bytesPerSecond: 1_000_000 } },
  ];
  for (const other of others) expect(lost(other)).toEqual(alone);
  const late = (impairments: Impairments): number[] =>
    passing({ ...impairments, delay: 100, reorder: 0.1 }, 2000, 1).flatMap(({ at, numbers }) =>
      numbers.filter((number) => at - number === 110),
    );
  const withoutLoss = late({});
  const withLoss = late({ loss: 0.2 });
  expect(withLoss.length).toBeLessThan(withoutLoss.length);
  // Fewer arrive, but those that do meet the same chance.
  expect(withoutLoss).toEqual(expect.arrayContaining(withLoss));
});

test('the queue of the network has a cap', () => {
  const scheduler = new VirtualScheduler();
  const source = new Subject<Burst>();
  const causes: unknown[] = [];
  const watch = ({ what, cause }: NetworkEvent): unknown => what === 'lost' && causes.push(cause);
  source.pipe(delayBy(10, { scheduler, watch })).subscribe();
  const datagram = new Uint8Array(1);
  for (let i = 0; i < 65_536 + 3; i++) source.next([datagram]);
  expect(causes).toEqual(['queue', 'queue', 'queue']);
  scheduler.run();
  source.next([datagram]);
  expect(causes).toHaveLength(3);
});

test('an impaired link has a network of its own each way, and tells what happens there', () => {
  const scheduler = new VirtualScheduler();
  const [left, right] = memoryPair();
  const events: string[] = [];
  const link = impair({
    delay: 5,
    outgoing: { loss: 1 },
    incoming: { duplicate: 1 },
    scheduler,
    watch: ({ at, direction, what, cause }) => events.push(`${at} ${direction} ${what} ${cause ?? ''}`.trim()),
  })(left);
  const received: number[] = [];
  link.incoming.subscribe((burst) => received.push(...burst.map(numberOf)));
  right.incoming.subscribe(() => expect.unreachable());
  link.outgoing.next(numbered(1));
  right.outgoing.next(numbered(1));
  scheduler.run();
  expect(received).toEqual([0, 0]);
  expect(events).toEqual([
    '0 outgoing sent',
    '0 outgoing lost loss',
    '0 incoming sent',
    '0 incoming duplicated',
    '5 incoming delivered',
    '5 incoming delivered',
  ]);
});

test('an impaired link keeps what was sent out of the memory that the link uses again', () => {
  const scheduler = new VirtualScheduler();
  const [left, right] = memoryPair();
  const memory = new Slab();
  const cipher = aesGcm(new Uint8Array(16));
  const received: number[] = [];
  right.incoming.pipe(decrypt(cipher)).subscribe((burst) => received.push(...burst.map(numberOf)));
  const link = impair({ delay: 5, scheduler })({ ...left, memory });
  for (const datagram of numbered(10)) {
    link.outgoing.next(cipher.seal([datagram], link.memory));
    memory.offset = 0;
  }
  scheduler.run();
  expect(received).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
});

test('both ways throw dice of their own', () => {
  const [left, right] = memoryPair();
  const link = impair({ loss: 0.5 })(left);
  const arrived: [number[], number[]] = [[], []];
  link.incoming.subscribe((burst) => arrived[0].push(...burst.map(numberOf)));
  right.incoming.subscribe((burst) => arrived[1].push(...burst.map(numberOf)));
  for (const datagram of numbered(100)) {
    link.outgoing.next([datagram]);
    right.outgoing.next([datagram]);
  }
  expect(arrived[0]).not.toEqual(arrived[1]);
});

test('a network works in real time, too', () => {
  vi.useFakeTimers();
  try {
    const source = new Subject<Burst>();
    const arrived: number[] = [];
    source.pipe(delayBy(20), lose(0), loseInBursts(burstsOf(0, 1)), duplicate(0), reorder(0)).subscribe((burst) => {
      arrived.push(...burst.map(numberOf));
    });
    source.next(numbered(2));
    vi.advanceTimersByTime(19);
    expect(arrived).toEqual([]);
    vi.advanceTimersByTime(2);
    expect(arrived).toEqual([0, 1]);
  } finally {
    vi.useRealTimers();
  }
});

test('options out of range are refused, with their names', () => {
  const attempts = [
    [() => lose(1.1), 'option loss must be a share from 0 to 1, got 1.1'],
    [() => duplicate(Number.NaN), 'option duplicate must be a share from 0 to 1, got NaN'],
    [() => impair({ outgoing: { corrupt: -1 } }), 'option corrupt must be a share from 0 to 1, got -1'],
    [() => delayBy(-1), 'option delay must be a number of ms from 0 to 3600000, got -1'],
    [() => loseInBursts({ enter: 2, leave: 0 }), 'option burstLoss.enter must be a share from 0 to 1, got 2'],
    [() => limitRate({ bytesPerSecond: 0 }), 'option rate.bytesPerSecond must be an integer from 1'],
    [() => blackOut([{ at: 0, duration: -1 }]), 'option blackouts[0].duration must be a number of ms from 0'],
    [() => capMtu(1.5), 'option mtu must be an integer from 0 to 65535, got 1.5'],
    [() => burstsOf(0.9, 2), 'option length must be at least 1 and share / (1 − share), got 2'],
    [() => impair({ seed: 0.5 }), 'option seed must be an integer from -2147483648 to 4294967295, got 0.5'],
    [() => impair({ watch: 1 as never }), 'option watch must be a function, got 1'],
    [() => impair({ scheduler: {} as never }), 'option scheduler must be an RxJS scheduler'],
  ] as const;
  for (const [attempt, message] of attempts) {
    expect(attempt).toThrow(OptionError);
    expect(attempt).toThrow(message);
  }
});
