// The swarm finds nothing; what it has found is kept; and it would find what it is there for.

import { Subject } from 'rxjs';
import { OptionError, type Session, UnknownOptionError } from 'rxkcp';
import { decodeFrames, encodeFrames, sendTo } from 'rxkcp/operators';
import { literalOf, planOf, runPlan, type SwarmChannel, type SwarmPlan, shrinkPlan, swarm } from 'rxkcp/testing';
import { describe, expect, test } from 'vitest';
import { seeds } from '../support/random.ts';

/** A quiet conversation: ten messages each way. */
const CALM: SwarmPlan = {
  seed: 1,
  left: {},
  right: {},
  network: { delay: 10 },
  operations: [
    { at: 0, do: 'send', side: 'left', bytes: 100, count: 10, gap: 5 },
    { at: 20, do: 'send', side: 'right', bytes: 3000, count: 10, gap: 5 },
  ],
};

/** What sends by `send`, and passes on what `alter` makes of each message; none, if that is undefined. */
function altered(
  alter: (message: Uint8Array, index: number) => Uint8Array | undefined,
): (session: Session) => SwarmChannel {
  return (session) => {
    const messages = new Subject<Uint8Array>();
    let index = 0;
    session.subscribe({
      next: (message) => {
        const result = alter(message, index++);
        if (result !== undefined) messages.next(result);
      },
      error: (error) => messages.error(error),
      complete: () => messages.complete(),
    });
    return { messages, send: (message) => session.next(message) };
  };
}

describe('a swarm', () => {
  test('finds nothing', () => {
    const { findings, ...progress } = swarm({ seed: seeds(1)[0], seeds: 60 });
    expect(findings).toEqual([]);
    expect(progress.seeds).toBe(60);
    expect(progress.hours).toBeGreaterThan(0.5);
  });

  test('gives the same run for the same seed, to the last bit', () => {
    for (const seed of [1, 2, 3, 40, 500]) {
      const [one, other] = [runPlan(planOf(seed)), runPlan(planOf(seed))];
      expect(one.transcript.hash).toBe(other.transcript.hash);
      expect(one.transcript.count).toBeGreaterThan(0);
      expect({ ...one, transcript: undefined }).toEqual({ ...other, transcript: undefined });
      expect(planOf(seed)).toEqual(planOf(seed));
    }
    expect(runPlan(planOf(1)).transcript.hash).not.toBe(runPlan(planOf(2)).transcript.hash);
  });

  test('runs as many seeds as it is told, or until it is told to stop', () => {
    const runs: number[] = [];
    const { seeds: count } = swarm({ seed: 7, seeds: 10, onRun: (_, progress) => runs.push(progress.seeds) >= 3 });
    expect(count).toBe(3);
    expect(runs).toEqual([1, 2, 3]);
  });

  test('runs until there are as many hours', () => {
    const { hours, seeds: count } = swarm({ seeds: 1, hours: 0.2, adapt: () => ({ ...CALM, healsAt: 360_000 }) });
    expect(hours).toBeGreaterThanOrEqual(0.2);
    expect(count).toBe(2);
  });

  test('names options that are wrong', () => {
    expect(() => swarm({ seed: 0.5 })).toThrow(OptionError);
    expect(() => swarm({ seeds: 0 })).toThrow(OptionError);
    expect(() => swarm({ hours: -1 })).toThrow(OptionError);
    expect(() => swarm({ sedes: 1 } as object)).toThrow(UnknownOptionError);
    expect(() => runPlan(CALM, { keep: -1 })).toThrow(OptionError);
    expect(() => runPlan({ ...CALM, left: { mtu: 1 } })).toThrow(OptionError);
  });
});

describe('an oracle', () => {
  test('finds nothing wrong with a protocol that passes everything on', () => {
    expect(runPlan(CALM, { protocol: altered((message) => message) }).finding).toBeUndefined();
  });

  test('finds a message that is altered', () => {
    const protocol = altered((message, index) => (index === 3 ? message.map((byte) => byte ^ 1) : message));
    expect(runPlan(CALM, { protocol }).finding).toMatchObject({ kind: 'altered' });
  });

  test('finds one that comes twice', () => {
    const seen: Uint8Array[] = [];
    const protocol = altered((message, index) => {
      seen.push(message);
      return index === 3 ? seen[2] : message;
    });
    expect(runPlan(CALM, { protocol }).finding).toMatchObject({ kind: 'doubled' });
  });

  test('finds one that is left out, by the next', () => {
    const protocol = altered((message, index) => (index === 3 ? undefined : message));
    expect(runPlan(CALM, { protocol }).finding).toMatchObject({ kind: 'out of order' });
  });

  test('finds one that never comes', () => {
    const protocol = altered((message, index) => (index === 9 ? undefined : message));
    expect(runPlan(CALM, { protocol }).finding).toMatchObject({ kind: 'stuck' });
  });

  test('finds one that was never sent', () => {
    const protocol = altered((message, index) => (index === 3 ? new Uint8Array(77) : message));
    expect(runPlan(CALM, { protocol }).finding?.kind).toMatch(/foreign|altered/);
  });

  test('reports what a protocol reports, and what it throws at', () => {
    const fails = runPlan(CALM, {
      protocol: (session, { fail, side }) => {
        if (side === 'right') fail('no such thing');
        return { messages: session, send: (message) => session.next(message) };
      },
    });
    expect(fails.finding).toMatchObject({ kind: 'protocol', what: 'right 1: no such thing' });
    const throws = runPlan(CALM, {
      protocol: (session) => ({
        messages: session,
        send: () => {
          throw new Error('not today');
        },
      }),
    });
    expect(throws.finding).toMatchObject({ kind: 'threw' });
  });
});

describe('shrinking', () => {
  test('leaves what is needed for the finding', () => {
    const protocol = altered((message) => (message.length > 2000 ? undefined : message));
    const plan = planOf(6);
    const shrunk = shrinkPlan(plan, { protocol }) ?? expect.fail('nothing found');
    expect(shrunk.plan.operations.length).toBeLessThan(plan.operations.length);
    expect(shrunk.plan.operations.length).toBeLessThanOrEqual(2);
    expect(runPlan(shrunk.plan, { protocol }).finding).toEqual(shrunk.finding);
    expect(shrinkPlan(CALM)).toBeUndefined();
  });

  test('has a plan that can be pasted', () => {
    expect(literalOf({ ...CALM, operations: CALM.operations.slice(0, 1) })).toBe(
      [
        '{',
        '  seed: 1,',
        '  left: {},',
        '  right: {},',
        '  network: { delay: 10 },',
        "  operations: [{ at: 0, do: 'send', side: 'left', bytes: 100, count: 10, gap: 5 }],",
        '}',
      ].join('\n'),
    );
  });
});

test('a protocol of one’s own: frames over a stream of bytes', () => {
  const stream = { stream: true };
  const { findings } = swarm({
    seeds: 15,
    adapt: (plan) => ({ ...plan, left: { ...plan.left, ...stream }, right: { ...plan.right, ...stream } }),
    protocol: (session) => {
      const sending = new Subject<Uint8Array>();
      sending.pipe(encodeFrames(), sendTo(session)).subscribe({ complete: () => session.complete(), error: () => {} });
      return {
        messages: session.pipe(decodeFrames()),
        send: (message) => sending.next(message),
        complete: () => sending.complete(),
      };
    },
  });
  expect(findings).toEqual([]);
});

/** What the swarm has found, and what was mended: nothing is found in these any more. */
const KEPT: Readonly<Record<string, SwarmPlan>> = {
  'A server answered the probes of a client whose session it had closed, and ignored what it repeated: it waited for ever.':
    {
      seed: 500649,
      left: {},
      right: {},
      network: { loss: 0.4 },
      operations: [
        { at: 0, do: 'send', side: 'left', bytes: 1 },
        { at: 0, do: 'close', side: 'right' },
      ],
    },
  'what leaves again leaves room for challenges, so that an outage at the very beginning is survived': {
    seed: 416240,
    left: {},
    right: {},
    network: { incoming: { delay: 1 } },
    operations: [
      { at: 0, do: 'send', side: 'left', bytes: 1 },
      { at: 0, do: 'send', side: 'right', bytes: 229 },
      { at: 0, do: 'blackout', duration: 5000 },
    ],
  },
  'segment 0 may come with the answer to a challenge, when openers of other conversations have overtaken it': {
    seed: 4001481,
    left: { mode: { nodelay: false, interval: 100, resend: 0, nc: false } },
    right: {},
    network: { delay: 100, jitter: 10, loss: 0.4, outgoing: { delay: 0, reorder: 0.3, loss: 0 } },
    operations: [
      { at: 0, do: 'send', side: 'left', bytes: 1, count: 300, gap: 1 },
      { at: 0, do: 'redial' },
      { at: 269, do: 'redial' },
      { at: 278, do: 'redial' },
    ],
  },
  'a server waits 30 s for proof from a client that has left, and no longer': {
    seed: 413207,
    left: {},
    right: {},
    network: { delay: 50 },
    operations: [
      { at: 1_062_539, do: 'send', side: 'left', bytes: 1 },
      { at: 1_062_576, do: 'close', side: 'left' },
    ],
  },
  'a clock that jumped is no silence of the peer, whatever is called first': {
    seed: 475,
    left: {},
    right: {},
    network: { outgoing: { delay: 10 } },
    operations: [
      { at: 3288, do: 'send', side: 'left', bytes: 1 },
      { at: 3303, do: 'jump', side: 'left', ms: 40_000 },
      { at: 3327, do: 'complete', side: 'left' },
      { at: 3473, do: 'complete', side: 'right' },
    ],
  },
  'datagrams that were late together are no restart': {
    seed: 5296,
    left: {},
    right: {},
    network: { reorder: 0.3, reorderBy: 900 },
    operations: [{ at: 0, do: 'send', side: 'left', bytes: 20_000 }],
  },
  'nor are those that were late while a clock jumped': {
    seed: 1236,
    left: {},
    right: { receiveWindow: 1, ackNoDelay: true },
    network: { delay: 1, reorder: 0.3, reorderBy: 200 },
    operations: [
      { at: 400, do: 'send', side: 'left', bytes: 1, count: 40 },
      { at: 700, do: 'jump', side: 'left', ms: 2000 },
    ],
  },
  'nor are acks that were late in a blackout': {
    seed: 37_581,
    left: { ackNoDelay: true },
    right: {},
    network: { reorder: 0.1, reorderBy: 700 },
    operations: [
      { at: 0, do: 'send', side: 'left', bytes: 1, count: 10 },
      { at: 50, do: 'send', side: 'right', bytes: 1, count: 10 },
      { at: 6, do: 'configure', side: 'right', changes: { mode: 'fast3' } },
      { at: 60, do: 'blackout', duration: 1000 },
    ],
  },
  'an end that stays says again what came while it stayed': {
    seed: 19_978,
    left: { mtu: 400 },
    right: { mode: 'fast2', receiveWindow: 1, writeDelay: true },
    network: { delay: 10, loss: 0.1, outgoing: { delay: 0, reorder: 0.1, loss: 0.2 } },
    operations: [
      { at: 0, do: 'send', side: 'left', bytes: 1 },
      { at: 50, do: 'send', side: 'right', bytes: 1 },
      { at: 50, do: 'send', side: 'left', bytes: 1431 },
      { at: 50, do: 'complete', side: 'right' },
      { at: 60, do: 'complete', side: 'left' },
    ],
    healsAt: 300,
  },
};

describe('what was found once', () => {
  test.each(Object.entries(KEPT))('%s', (_, plan) => {
    expect(runPlan(plan).finding).toBeUndefined();
  });
});
