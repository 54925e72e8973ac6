// The rows of the table in contract-spec.ts: every operator, and every callback of a user's.

import {
  concat,
  EMPTY,
  mergeMap,
  NEVER,
  Observable,
  type OperatorFunction,
  of,
  type SchedulerLike,
  Subject,
  skip,
} from 'rxjs';
import { aesGcm, type Burst, type Cipher, type PeerBurst, type Session, type SessionEnd } from 'rxkcp';
import * as operators from 'rxkcp/operators';
import * as testing from 'rxkcp/testing';
import { FEC_OVERHEAD, OOB_SEQID, TYPE_OOB, writeFecHeader } from '../../src/core/fec/header.ts';
import { encoded } from './fec.ts';
import { push, text } from './marbles.ts';

// biome-ignore lint/suspicious/noExplicitAny: rows differ in what their operators take and give.
export type AnyOperator = OperatorFunction<any, unknown>;

export interface Row {
  /** The operator's name, and what is special about this row. */
  readonly name: string;
  readonly operator: (scheduler: SchedulerLike) => AnyOperator;
  /** The i-th value of a source. Each gives one value behind the operator. */
  readonly input: (i: number) => unknown;
  /** What to compare of an output. Default: all of it. */
  readonly shown?: (output: unknown) => unknown;
  /** Outputs come later than their inputs. */
  readonly later?: true;
  /** It can be subscribed to once: it carries one conversation. */
  readonly once?: true;
  /** It completes when a peer has acknowledged everything, of which there is none here. */
  readonly waits?: true;
}

/** A callback of the user's, or an object of theirs, that throws. */
export interface Callback {
  readonly name: string;
  readonly operator: (scheduler: SchedulerLike, fails: () => never) => AnyOperator;
  /** The last one of these brings the callback about. */
  readonly inputs: readonly unknown[];
}

const cipher = aesGcm(new Uint8Array(16));
const frames = { prefixBytes: 1 } as const;
const shape = { data: 2, parity: 1 };
const packet = (i: number): Burst => [push(i, 'a')];
const fromPeer = (port: number): PeerBurst => ({ peer: { address: '192.0.2.1', port }, burst: packet(0) });
const bytes = (i: number): Uint8Array => text(`${i % 10}`);
const shards = encoded(
  Array.from({ length: 30 }, (_, i) => push(i, 'a')),
  shape,
).filter((_, place) => place % 3 !== 2);
const one: Burst = [new Uint8Array(1)];
const outOfBand = new Uint8Array(FEC_OVERHEAD + 5);
writeFecHeader(outOfBand, OOB_SEQID, TYPE_OOB);
const broken: Cipher = { name: 'broken', overhead: 16, seal: cipher.seal, open: cipher.open };
const lengths = (output: unknown): number[] => (output as Burst).map(({ length }) => length);
const impairment = (name: string, operator: Row['operator'], more: Partial<Row> = {}): Row => ({
  name,
  operator,
  input: packet,
  ...more,
});
const { arq, rateLimit, fecDecode, fecEncode, decrypt, encrypt } = operators;
const { impairBursts } = testing;

/** What operators on sessions need of one: it takes every message at once, and ends when it is completed or closed. */
class OpenSession {
  readonly conv = 1;
  readonly closed$ = new Subject<Pick<SessionEnd, 'reason'>>();
  readonly demand = { isWanted: false };
  readonly isFailure = false;
  closed = false;

  send$(): Observable<void> {
    return of(undefined);
  }

  complete(): void {
    this.#end('completed');
  }

  close(): void {
    this.#end('closed');
  }

  #end(reason: SessionEnd['reason']): void {
    this.closed = true;
    this.closed$.next({ reason });
  }
}

/** One who gets what is sent to many; with a window that is always full, if wanted. */
const member = (isFull = false): operators.Member =>
  Object.assign(new OpenSession(), {
    congested$: concat(of(isFull), NEVER),
    messageMax: 1000,
    next: () => {},
    stats: () => ({ queuedBytes: 0 }),
  }) as unknown as operators.Member;
const openSession = (): Session => new OpenSession() as unknown as Session;
/** A conversation that is over with its one word: then its session has ended, too. */
const oneWord = (session: Session): Observable<string> =>
  concat(
    of('a word'),
    new Observable<never>((subscriber) => {
      session.close();
      subscriber.complete();
    }),
  );
/** What `request` needs of a session: every message is answered by itself, at once. */
class Echo extends Subject<Uint8Array> {
  send(message: unknown): Promise<void> {
    this.next(message as Uint8Array);
    return Promise.resolve();
  }
}
const requestsOf = (more: Partial<operators.RequestOptions<Uint8Array, Uint8Array>>): AnyOperator =>
  mergeMap(
    operators.request(new Echo(), {
      id: String,
      encode: (asked) => asked,
      decode: (answer) => answer,
      answerTo: String,
      ...more,
    }),
  );
/** `serve` says nothing by itself: its handler does. */
const served: AnyOperator = (sessions: Observable<Session>) =>
  new Observable<unknown>((subscriber) => {
    const handler = (): Observable<never> => {
      subscriber.next('a session');
      return EMPTY;
    };
    sessions.pipe(operators.serve(handler)).subscribe(subscriber);
  });
const topicOf = (decode: (message: Uint8Array) => string, key: (value: string) => string): AnyOperator => {
  const next = (): void => {};
  return (source) =>
    operators.multiplex(Object.assign(new Observable<Uint8Array>((one) => source.subscribe(one)), { next }), {
      decode,
      key,
    })('all');
};

export const ROWS: readonly Row[] = [
  { name: 'broadcast', operator: () => operators.broadcast([member()]), input: bytes },
  { name: 'broadcast, wait', operator: () => operators.broadcast(of(member()), { slow: 'wait' }), input: bytes },
  { name: 'converse', operator: () => operators.converse(oneWord), input: openSession },
  { name: 'multiplex', operator: () => topicOf(String, () => 'all'), input: bytes },
  { name: 'request', operator: (scheduler) => requestsOf({ scheduler }), input: bytes },
  { name: 'sendTo', operator: () => operators.sendTo(openSession()), input: bytes },
  { name: 'serve', operator: () => served, input: openSession },
  {
    name: 'shareSession',
    operator: () => operators.shareSession(),
    input: openSession,
    shown: () => 'a session',
  },
  { name: 'arq.receive', operator: (scheduler) => arq({ conv: 1, scheduler }).receive, input: packet, once: true },
  {
    name: 'arq.transmit',
    operator: (scheduler) => arq({ conv: 1, scheduler }).transmit,
    input: bytes,
    once: true,
    waits: true,
  },
  { name: 'decodeFrames', operator: () => operators.decodeFrames(frames), input: () => Uint8Array.of(1, 7) },
  { name: 'decodeJson', operator: () => operators.decodeJson(), input: (i) => text(`${i}\n`) },
  { name: 'decodeLines', operator: () => operators.decodeLines(), input: (i) => text(`${i}\n`) },
  {
    name: 'decodeMuxFrames',
    operator: () => operators.decodeMuxFrames(),
    input: () => Uint8Array.of(2, 2, 1, 0, 3, 0, 0, 0, 7),
  },
  { name: 'decrypt', operator: () => decrypt(cipher), input: (i) => cipher.seal(packet(i)) },
  { name: 'encodeFrames', operator: () => operators.encodeFrames(frames), input: bytes },
  { name: 'encodeJson', operator: () => operators.encodeJson(), input: (i) => ({ i }) },
  { name: 'encodeLines', operator: () => operators.encodeLines(), input: String },
  { name: 'encodeMuxFrames', operator: () => operators.encodeMuxFrames(), input: (id) => ({ kind: 'syn', id }) },
  { name: 'encrypt', operator: () => encrypt(cipher), input: packet, shown: lengths },
  { name: 'fecDecode', operator: () => fecDecode(), input: (i) => [shards[i % shards.length]] },
  { name: 'fecDecode, no FEC', operator: () => fecDecode(), input: packet },
  { name: 'fecEncode', operator: (scheduler) => fecEncode(shape, { scheduler }), input: packet },
  {
    name: 'groupPeers',
    operator: (scheduler) => operators.groupPeers({ scheduler }),
    input: (i) => fromPeer(i + 1),
    shown: () => 'a group',
  },
  { name: 'rateLimit, none', operator: (scheduler) => rateLimit(0, { scheduler }), input: packet },
  { name: 'rateLimit, wide', operator: (scheduler) => rateLimit(1e9, { scheduler }), input: packet },
  {
    name: 'rateLimit, narrow',
    // The first burst takes what is in the bucket.
    operator: (scheduler) => (source) =>
      concat(of([new Uint8Array(1000)]), source).pipe(rateLimit(1000, { burst: 1, scheduler }), skip(1)),
    input: () => [new Uint8Array(1000)],
    later: true,
  },
  {
    name: 'rateLimit, from an Observable',
    operator: (scheduler) => rateLimit(concat(of(1e9), NEVER), { scheduler }),
    input: packet,
  },
  impairment('impairBursts', (scheduler) => impairBursts({}, { scheduler })),
  impairment('lose', (scheduler) => testing.lose(0, { scheduler })),
  impairment('loseInBursts', (scheduler) => testing.loseInBursts(testing.burstsOf(0, 1), { scheduler })),
  impairment('delayBy, none', (scheduler) => testing.delayBy(0, { scheduler })),
  impairment('delayBy', (scheduler) => testing.delayBy(20, { scheduler }), { later: true }),
  impairment('reorder, none', (scheduler) => testing.reorder(0, { scheduler })),
  impairment('reorder', (scheduler) => testing.reorder(1, { scheduler }), { later: true }),
  impairment('duplicate', (scheduler) => testing.duplicate(0, { scheduler })),
  impairment('corrupt', (scheduler) => testing.corrupt(0, { scheduler })),
  impairment(
    'limitRate',
    (scheduler) => testing.limitRate({ bytesPerSecond: 1000, queueBytes: 100_000 }, { scheduler }),
    { later: true },
  ),
  impairment('blackOut', (scheduler) => testing.blackOut([], { scheduler })),
  impairment('capMtu', (scheduler) => testing.capMtu(1500, { scheduler })),
];

export const CALLBACKS: readonly Callback[] = [
  {
    name: 'broadcast: onSlow',
    operator: (_, onSlow) => operators.broadcast([member(true)], { slow: 'drop', onSlow }),
    inputs: [bytes(0)],
  },
  { name: 'converse: talk', operator: (_, talk) => operators.converse(talk), inputs: [openSession()] },
  {
    name: 'groupPeers: duration',
    operator: (scheduler, duration) => operators.groupPeers({ duration, scheduler }),
    inputs: [fromPeer(1)],
  },
  {
    name: 'groupPeers: dropped',
    operator: (scheduler, dropped) => operators.groupPeers({ maxPeers: 1, dropped, scheduler }),
    inputs: [fromPeer(1), fromPeer(2)],
  },
  ...(['id', 'encode', 'decode', 'answerTo'] as const).map((name) => ({
    name: `request: ${name}`,
    operator: (scheduler: SchedulerLike, fails: () => never) => requestsOf({ [name]: fails, scheduler }),
    inputs: [bytes(0)],
  })),
  { name: 'multiplex: decode', operator: (_, decode) => topicOf(decode, () => 'all'), inputs: [bytes(0)] },
  { name: 'multiplex: key', operator: (_, key) => topicOf(String, key), inputs: [bytes(0)] },
  { name: 'decrypt: dropped', operator: (_, dropped) => decrypt(cipher, { dropped }), inputs: [packet(0)] },
  { name: 'encrypt: cipher', operator: (_, seal) => encrypt({ ...broken, seal }), inputs: [packet(0)] },
  {
    name: 'encrypt: memory',
    operator: (_, reserve) => encrypt(cipher, { memory: { bytes: new Uint8Array(2000), offset: 0, reserve } }),
    inputs: [packet(0)],
  },
  { name: 'fecDecode: outOfBand', operator: (_, fails) => fecDecode({ outOfBand: fails }), inputs: [[outOfBand]] },
  {
    name: 'fecEncode: scheduler',
    operator: ({ schedule }, now) => fecEncode(shape, { scheduler: { now, schedule } }),
    inputs: [packet(0)],
  },
  {
    name: 'rateLimit: dropped',
    operator: (scheduler, dropped) => rateLimit(1, { burst: 1, queueDatagrams: 0, dropped, scheduler }),
    inputs: [one, one],
  },
  {
    name: 'rateLimit: scheduler',
    operator: ({ schedule }, now) => rateLimit(1, { scheduler: { now, schedule } }),
    inputs: [],
  },
  {
    name: 'impairBursts: watch, at once',
    operator: (scheduler, watch) => impairBursts({}, { watch, scheduler }),
    inputs: [one],
  },
  {
    name: 'impairBursts: watch, of a loss',
    operator: (scheduler, fails) =>
      impairBursts({ loss: 1 }, { watch: ({ what }) => what === 'lost' && fails(), scheduler }),
    inputs: [one],
  },
  {
    name: 'impairBursts: watch, in a wake-up',
    operator: (scheduler, fails) =>
      impairBursts({ delay: 20 }, { watch: ({ what }) => what === 'delivered' && fails(), scheduler }),
    inputs: [one],
  },
];
