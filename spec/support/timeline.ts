// One end of a conversation as a timeline: what it is given to send, what comes from its peer, what it says and delivers,
// and that nothing of it is left when it is over. One character is one ms, `50ms` are fifty.
//
//   messages   a                      what the application sends
//   packets    50ms k                 what the peer says
//   sent       p 199ms p              what this end says, in words
//   received   50ms m                 what this end delivers

import { map } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import type { ArqOptions } from 'rxkcp';
import { type Arq, arq, type Burst } from 'rxkcp/operators';
import { type LabelField, labeller } from 'rxkcp/testing';
import { testScheduler, text, words } from './marbles.ts';

/** The part of an end that a timeline needs. */
export type End = Pick<Arq, 'receive' | 'transmit'>;

export interface Timeline<E extends End> {
  /** Settings of the end. Conversation 1, mode fast3 (flush every 10 ms, RTO at least 30 ms, resend 2, no cwnd), unless said. */
  readonly options?: ArqOptions;
  readonly messages?: string;
  readonly packets?: string;
  readonly sent: string;
  /** Not looked at, unless said. */
  readonly received?: string;
  /** What characters stand for: a message, one packet, a burst of them; what is said or delivered, in words. */
  readonly values?: Readonly<Record<string, string | Uint8Array | Burst>>;
  /** Fields named in `sent`, in addition to the command. Default: sn. */
  readonly fields?: readonly LabelField[];
  /** When the end is unsubscribed from, ms. */
  readonly until?: number;
  /** When the end is over by itself, ms. */
  readonly ends?: number;
  /** What `#` stands for. */
  readonly error?: unknown;
  /** What else is done to the end, by the ms at which it is. */
  readonly doing?: Readonly<Record<number, (end: E) => void>>;
  /** Makes the end, where that is not `arq`. */
  readonly make?: (scheduler: TestScheduler) => E;
}

/** Runs one end through the timeline in virtual time, and compares. */
export function timeline<E extends End = Arq>(plan: Timeline<E>): void {
  const { messages = '', packets = '', sent, received, values = {}, fields = ['sn'], until, error, doing = {} } = plan;
  const over = until ?? plan.ends ?? Number.NaN;
  const unsubscription = until === undefined ? undefined : `${until}ms !`;
  const label = labeller(...fields);
  const scheduler = testScheduler();
  const make = plan.make ?? ((): E => arq({ conv: 1, mode: 'fast3', ...plan.options, scheduler }) as End as E);
  scheduler.run(({ hot, expectObservable, expectSubscriptions }) => {
    const end = make(scheduler);
    const given = hot(messages, mapValues(values, messageOf));
    const coming = hot(packets, mapValues(values, burstOf));
    const saying = given.pipe(
      end.transmit,
      map((burst) => burst.map(label).join(' | ')),
    );
    const delivering = coming.pipe(end.receive, map(words));
    expectObservable(saying, unsubscription).toBe(sent, values, error);
    if (received !== undefined) expectObservable(delivering, unsubscription).toBe(received, values, error);
    else {
      const subscription = delivering.subscribe({ error: () => {} });
      scheduler.schedule(() => subscription.unsubscribe(), over);
    }
    for (const [at, act] of Object.entries(doing)) scheduler.schedule(() => act(end), Number(at));
    expectSubscriptions(given.subscriptions).toBe(`^ ${Math.min(over, completionOf(messages)) - 1}ms !`);
    expectSubscriptions(coming.subscriptions).toBe(`^ ${Math.min(over, completionOf(packets)) - 1}ms !`);
    // Sources of a test emit whatever became of their end.
    const emitted = Math.max(over, ...[messages, packets].flatMap(framesOf));
    scheduler.schedule(() => {
      const waiting = scheduler.actions.filter(({ closed }) => !closed);
      if (waiting.length > 0) throw new Error(`${waiting.length} timers outlive the end`);
    }, emitted + 1);
  });
}

function framesOf(marbles: string): number[] {
  return TestScheduler.parseMarbles(marbles, undefined, undefined, false, true).map(({ frame }) => frame);
}

/** When a source of these marbles is over, ms; never is infinity. */
function completionOf(marbles: string): number {
  const parsed = TestScheduler.parseMarbles(marbles, undefined, undefined, false, true);
  return parsed.find(({ notification }) => notification.kind !== 'N')?.frame ?? Number.POSITIVE_INFINITY;
}

type Value = string | Uint8Array | Burst;

function messageOf(value: Value): Uint8Array {
  return typeof value === 'string' ? text(value) : (value as Uint8Array);
}

function burstOf(value: Value): Burst {
  return value instanceof Uint8Array ? [value] : (value as Burst);
}

function mapValues<T>(values: Readonly<Record<string, Value>>, change: (value: Value) => T): Record<string, T> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, change(value)]));
}
