import { type Burst, connect, listen, OptionError, type Session } from 'rxkcp';
import {
  type Bottleneck,
  type BottleneckOptions,
  bottleneck,
  type Flow,
  type FlowOptions,
  VirtualScheduler,
} from 'rxkcp/testing';
import { describe, expect, test } from 'vitest';
import { StallingScheduler } from '../support/stalling-scheduler.ts';

interface Arrival {
  readonly at: number;
  readonly numbers: number[];
}

/** A flow whose receiver keeps a record. The first byte of a datagram is its number. */
function recorded(
  line: Bottleneck,
  scheduler: VirtualScheduler,
  options?: FlowOptions,
): { flow: Flow; arrivals: Arrival[]; send: (number: number, length?: number) => void } {
  const flow = line.flow(options);
  const arrivals: Arrival[] = [];
  flow.receiver.incoming.subscribe((burst) => {
    arrivals.push({ at: scheduler.now(), numbers: burst.map(([first]) => first as number) });
  });
  return {
    flow,
    arrivals,
    send: (number, length = 972) => flow.sender.outgoing.next([new Uint8Array(length).fill(number)]),
  };
}

/** A line of 1,000 bytes per ms, unless said otherwise: a datagram of 972 bytes and its headers takes 1 ms. */
function lineOf(options: Partial<BottleneckOptions> = {}): { line: Bottleneck; scheduler: VirtualScheduler } {
  const scheduler = new VirtualScheduler();
  return { line: bottleneck({ scheduler, bytesPerSecond: 1_000_000, ...options }), scheduler };
}

const numbersOf = (arrivals: readonly Arrival[]): number[] => arrivals.flatMap(({ numbers }) => numbers);

describe('the line', () => {
  test('takes the time for a datagram that its rate and its headers make, to a fraction of a ms', () => {
    const { line, scheduler } = lineOf({ bytesPerSecond: 12_500_000, delay: 25 });
    const { arrivals, send } = recorded(line, scheduler);
    for (const number of [1, 2, 3]) send(number, 1400);
    scheduler.run();
    expect(arrivals.map(({ at }) => at - 25)).toEqual([1, 2, 3].map((count) => expect.closeTo(count * 0.11424, 9)));
  });

  test('is shared in the order of arrival, and no flow loses its own order', () => {
    const { line, scheduler } = lineOf({ delay: 3 });
    const near = recorded(line, scheduler);
    const far = recorded(line, scheduler, { delay: 10 });
    for (let i = 0; i < 20; i++) {
      near.send(i);
      far.send(i);
    }
    scheduler.run();
    const order = Array.from({ length: 20 }, (_, i) => i);
    expect(near.arrivals.map(({ at, numbers: [number] }) => [number, at])).toEqual(order.map((i) => [i, 2 * i + 4]));
    expect(far.arrivals.map(({ at, numbers: [number] }) => [number, at])).toEqual(order.map((i) => [i, 2 * i + 12]));
  });

  test('goes on at a new rate with what is on it and what waits', () => {
    const { line, scheduler } = lineOf();
    const { arrivals, send } = recorded(line, scheduler);
    for (const number of [1, 2, 3]) send(number);
    scheduler.schedule(() => line.setRate(100_000), 0.5);
    scheduler.schedule(() => line.setRate(2_000_000), 10.5);
    scheduler.run();
    // Half a datagram at 1 ms each, one at 10, half of the next, and the rest at half a ms.
    expect(arrivals.map(({ at }) => at)).toEqual([5.5, 10.75, 11.25].map((at) => expect.closeTo(at, 9)));
    expect(line.bytesPerSecond).toBe(2_000_000);
  });

  test('tells its queue, the wait in it, and what it has carried', () => {
    const { line, scheduler } = lineOf({ queueBytes: 3000 });
    const { flow, send } = recorded(line, scheduler);
    for (let i = 0; i < 6; i++) send(i);
    expect([line.queuedBytes, line.wait, line.carriedBytes]).toEqual([3000, 4, 0]);
    expect(flow.counts()).toMatchObject({ sent: 6, queued: 3, underWay: 1, dropped: 2, delivered: 0 });
    scheduler.run(2.5);
    expect([line.queuedBytes, line.carriedBytes]).toEqual([1000, 2000]);
    expect(line.wait).toBeCloseTo(1.5, 9);
    scheduler.run();
    expect([line.queuedBytes, line.wait, line.carriedBytes]).toEqual([0, 0, 4000]);
  });

  test('loses none of its rate, and tells the truth, where wake-ups are late', () => {
    const scheduler = new StallingScheduler();
    const line = bottleneck({ scheduler, bytesPerSecond: 1_000_000, queueBytes: 100_000 });
    const { sender, receiver, counts } = line.flow();
    const arrivals: [at: number, count: number][] = [];
    receiver.incoming.subscribe((burst) => arrivals.push([scheduler.now(), burst.length]));
    sender.outgoing.next(Array.from({ length: 10 }, () => new Uint8Array(972)));
    scheduler.stall(4.5);
    expect([line.queuedBytes, line.carriedBytes, line.wait]).toEqual([5000, 4000, 5.5]);
    expect(counts()).toMatchObject({ queued: 5, underWay: 5, delivered: 0 });
    scheduler.pass(0);
    expect(arrivals).toEqual([[4.5, 4]]);
    scheduler.pass(5.5);
    expect(arrivals.at(-1)?.[0]).toBe(10);
    expect(counts().delivered).toBe(10);
    // What comes to a line that was free for a while takes its whole time.
    scheduler.stall(5);
    sender.outgoing.next([new Uint8Array(972)]);
    scheduler.pass(1);
    expect(arrivals.at(-1)).toEqual([16, 1]);
  });

  test('loses the share asked for after it has carried it, the same datagrams whatever other flows do', () => {
    const survivors = (others: number, seed: number): number[] => {
      const { line, scheduler } = lineOf({ loss: 0.2, seed, queueBytes: 10_000_000 });
      const { arrivals, send } = recorded(line, scheduler);
      const other = recorded(line, scheduler);
      for (let i = 0; i < 2000; i++) {
        send(i);
        for (let k = 0; k < others; k++) other.send(k);
      }
      scheduler.run();
      expect(line.carriedBytes).toBe(2_000_000 * (1 + others));
      return numbersOf(arrivals);
    };
    const alone = survivors(0, 1);
    expect(alone.length / 2000).toBeCloseTo(0.8, 1);
    expect(survivors(2, 1)).toEqual(alone);
    expect(survivors(0, 2)).not.toEqual(alone);
  });

  test('accounts for every datagram at every moment', () => {
    const { line, scheduler } = lineOf({ loss: 0.1, delay: 7, queueBytes: 8000 });
    const flows = [recorded(line, scheduler), recorded(line, scheduler, { coalesce: 2, delay: 11 })];
    const sentSizes: number[] = [];
    const arrivedSizes: number[] = [];
    for (const { flow } of flows) {
      flow.receiver.incoming.subscribe((burst) => arrivedSizes.push(...burst.map(({ length }) => length)));
    }
    for (let at = 0; at < 300; at += 3) {
      scheduler.run(at);
      for (const [k, { send }] of flows.entries()) {
        for (let i = 0; i < 3; i++) {
          const size = 100 + 37 * ((at + i * k) % 30);
          sentSizes.push(size);
          send(i, size);
        }
      }
      const all = [line.counts(), ...flows.map(({ flow }) => flow.counts())];
      for (const { sent, queued, underWay, dropped, lost, delivered } of all) {
        expect(queued + underWay + dropped + lost + delivered).toBe(sent);
        expect(Math.min(queued, underWay, dropped, lost, delivered)).toBeGreaterThanOrEqual(0);
      }
    }
    scheduler.run();
    const { sent, dropped, lost, delivered } = line.counts();
    expect(dropped + lost + delivered).toBe(sent);
    expect(Math.min(dropped, lost, delivered)).toBeGreaterThan(10);
    const { sentBytes, deliveredBytes } = line.counts();
    expect(sentBytes).toBe(sentSizes.reduce((sum, size) => sum + size + 28, 0));
    expect(deliveredBytes).toBe(arrivedSizes.reduce((sum, size) => sum + size + 28, 0));
    expect(flows.flatMap(({ arrivals }) => numbersOf(arrivals))).toHaveLength(delivered);
  });
});

describe('a flow', () => {
  test('has a way back that only delays, and loses if asked to', () => {
    const { line, scheduler } = lineOf({ bytesPerSecond: 1, delay: 20 });
    const { sender, receiver } = line.flow();
    const lossy = line.flow({ returnLoss: 0.5 });
    const arrivals: [number, number][] = [];
    let count = 0;
    sender.incoming.subscribe((burst) => arrivals.push([scheduler.now(), burst.length]));
    lossy.sender.incoming.subscribe((burst) => (count += burst.length));
    const burst = Array.from({ length: 1000 }, () => new Uint8Array(1400));
    receiver.outgoing.next(burst);
    lossy.receiver.outgoing.next(burst);
    scheduler.run();
    expect(arrivals).toEqual([[20, 1000]]);
    expect(count / 1000).toBeCloseTo(0.5, 1);
  });

  test('has 65,536 datagrams propagate in each direction at most, and drops the others', () => {
    const { line, scheduler } = lineOf({ bytesPerSecond: 1_000_000_000_000, overhead: 0, delay: 10 });
    const { sender, receiver, counts } = line.flow();
    let [there, back] = [0, 0];
    receiver.incoming.subscribe((burst) => (there += burst.length));
    sender.incoming.subscribe((burst) => (back += burst.length));
    const burst = Array.from({ length: 65_540 }, () => new Uint8Array());
    receiver.outgoing.next(burst);
    sender.outgoing.next(burst);
    scheduler.run();
    expect([there, back]).toEqual([65_536, 65_536]);
    expect(counts()).toMatchObject({ sent: 65_540, dropped: 4, delivered: 65_536 });
  });

  test('has datagrams wait for others, if they coalesce', () => {
    const { line, scheduler } = lineOf();
    const { arrivals, send } = recorded(line, scheduler, { coalesce: 2.5 });
    for (const number of [1, 2, 3, 4, 5]) send(number);
    scheduler.run();
    expect(arrivals).toEqual([
      { at: 3.5, numbers: [1, 2, 3] },
      { at: 6.5, numbers: [4, 5] },
    ]);
  });

  test('keeps what it was lent as it was', () => {
    const { line, scheduler } = lineOf({ delay: 5 });
    const { flow, arrivals } = recorded(line, scheduler);
    const lent = Buffer.alloc(100, 1);
    const answers: Burst[] = [];
    flow.sender.incoming.subscribe((burst) => answers.push(burst));
    flow.sender.outgoing.next([lent]);
    flow.receiver.outgoing.next([lent]);
    lent.fill(2);
    scheduler.run();
    expect(numbersOf(arrivals)).toEqual([1]);
    expect(answers[0]?.[0]?.[0]).toBe(1);
  });
});

test('a server behind the line has clients: what it sends them shares the line, what they send does not wait for it', () => {
  const { line, scheduler } = lineOf({ delay: 5, bytesPerSecond: 1_250_000 });
  const served: Session[] = [];
  const sizes: Record<number, number> = {};
  listen({ link: line.hub, scheduler, mode: 'fast3' }).subscribe((session) => {
    served.push(session);
    session.subscribe((message) => {
      for (let i = 0; i < 20; i++) session.next(new Uint8Array(1000).fill(message[0] as number));
    });
  });
  for (const number of [1, 2, 3]) {
    connect({ link: line.link(), conv: number, scheduler, mode: 'fast3' }).subscribe((session) => {
      session.subscribe((message) => {
        expect(message[0]).toBe(number);
        sizes[number] = (sizes[number] ?? 0) + message.length;
      });
      session.next(Uint8Array.of(number));
    });
  }
  scheduler.run(2000);
  expect(served.map(({ remote }) => remote?.port)).toEqual([1025, 1026, 1027]);
  expect(sizes).toEqual({ 1: 20_000, 2: 20_000, 3: 20_000 });
  expect(line.carriedBytes).toBeGreaterThan(60_000);
  line.hub.outgoing.next({ peer: { address: '127.0.0.1', port: 9 }, burst: [new Uint8Array(5)] });
  for (const session of served) session.close();
});

test.each([
  [{ bytesPerSecond: 0 }, 'bytesPerSecond'],
  [{ queueBytes: -1 }, 'queueBytes'],
  [{ delay: -1 }, 'delay'],
  [{ loss: 1.1 }, 'loss'],
  [{ overhead: 2000 }, 'overhead'],
  [{ seed: 0.5 }, 'seed'],
  [{ scheduler: {} as never }, 'scheduler'],
  [{ codel: { target: 0 } }, 'codel.target'],
  [{ codel: { interval: NaN } }, 'codel.interval'],
  [{ rate: 1 } as never, 'rate'],
])('options that are wrong are refused by name: %o', (options, name) => {
  const call = (): unknown => bottleneck({ bytesPerSecond: 1000, ...(options as object) });
  expect(call).toThrow(OptionError);
  expect(call).toThrow(expect.objectContaining({ option: name }));
});

test.each([
  [{ delay: Infinity }, 'delay'],
  [{ returnLoss: 2 }, 'returnLoss'],
  [{ coalesce: -1 }, 'coalesce'],
])('options of a flow that are wrong are refused by name: %o', (options, name) => {
  const { line } = lineOf();
  expect(() => line.flow(options)).toThrow(expect.objectContaining({ option: name }));
  expect(() => line.setRate(0)).toThrow(expect.objectContaining({ option: 'bytesPerSecond' }));
});
