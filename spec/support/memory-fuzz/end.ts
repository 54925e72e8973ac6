// One end of a run: it sends out of memory that it writes to again, and does to what it receives whatever a user may.

import { type SchedulerLike, Subscription } from 'rxjs';
import type { Message, Session } from 'rxkcp';
import { toWebStreams } from 'rxkcp/streams';
import { integer, pick, seeded } from '../random.ts';
import { POISON } from './air.ts';
import type { EndPlan, Plan } from './plan.ts';

const SIZE_MAX = 30_000;
const OOB_MAX = 40;

/** What one end has sent, for the other to compare with. */
export class Sent {
  readonly messages: Uint8Array[] = [];
  readonly payloads: Uint8Array[] = [];
  /** Whether that is all. */
  complete = false;
}

/** `length` bytes unlike those of other messages, and unlike themselves elsewhere. */
function content(random: () => number, length: number): Uint8Array {
  const words = new Int32Array((length + 3) >> 2);
  let state = Math.floor(random() * 2 ** 32) | 1;
  for (let i = 0; i < words.length; i++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
    words[i] = state ^ (state >>> 15);
  }
  return new Uint8Array(words.buffer, 0, length).slice();
}

export class End {
  readonly sent = new Sent();
  /** Called at the first thing that is wrong. */
  readonly #fail: (what: string) => void;
  readonly #progress: () => void;
  readonly #plan: Plan;
  readonly #end: EndPlan;
  readonly #clock: SchedulerLike;
  readonly #random: () => number;
  readonly #kept: { readonly now: Uint8Array; readonly before: Uint8Array }[] = [];
  readonly #scratch = new Uint8Array(SIZE_MAX + 64);
  readonly #open = new Subscription();
  #session: Session | undefined;
  #peers: Sent | undefined;
  #received = 0;
  /** In a stream: bytes of the next message of the peer's that have arrived. */
  #offset = 0;

  constructor(plan: Plan, side: 0 | 1, clock: SchedulerLike, fail: (what: string) => void, progress: () => void) {
    this.#plan = plan;
    this.#end = plan.ends[side];
    this.#clock = clock;
    this.#random = seeded(plan.seed * 2 + side);
    this.#fail = fail;
    this.#progress = progress;
  }

  /** Whether all that the peer sends has arrived. */
  get isDone(): boolean {
    return this.#peers?.complete === true && this.#received === this.#peers.messages.length;
  }

  /** What has arrived of how much, and what the session says. */
  get state(): string {
    const stats = JSON.stringify(this.#session?.stats());
    return `${this.#received} of ${this.#peers?.messages.length} messages, closed ${this.#session?.closed}, ${stats}`;
  }

  /** Talks by `session`, until `stop`. */
  start(session: Session, peers: Sent): void {
    this.#session = session;
    this.#peers = peers;
    this.#read(session);
    if (this.#end.isTraced) {
      this.#open.add(
        session.trace$().subscribe((event) => {
          Object.assign(event, { kind: 'none', conv: 0, sn: 0, ts: 0 });
        }),
      );
    }
    if (session.oobMax > 0) this.#open.add(session.oob$.subscribe((payload) => this.#takePayload(payload)));
    this.#send(session, 0);
  }

  stop(): void {
    this.#open.unsubscribe();
    for (const { now, before } of this.#kept) this.#compare('what was kept', now, before);
  }

  #send(session: Session, done: number): void {
    for (let i = 0; i < integer(this.#random, 1, 4) && this.sent.messages.length < this.#end.messages; i++) {
      this.#sendOne(session);
    }
    if (session.oobMax > 0 && this.#random() < 0.2) this.#sendPayload(session);
    this.sent.complete = this.sent.messages.length === this.#end.messages;
    if (this.sent.complete) this.#progress();
    else this.#clock.schedule(() => this.#send(session, done + 1), integer(this.#random, 0, 5));
  }

  /** Sends a message, and writes to its memory, or gives it away, as soon as the call has returned. */
  #sendOne(session: Session): void {
    const message = content(this.#random, pick(this.#random, this.#plan.sizes));
    this.sent.messages.push(message);
    const how = this.#random();
    if (how < 0.2) {
      const own = message.slice();
      session.next(own);
      structuredClone(own, { transfer: [own.buffer] });
      return;
    }
    const at = integer(this.#random, 0, 64);
    const bytes = this.#scratch.subarray(at, at + message.length);
    bytes.set(message);
    const parts: Uint8Array[] = [];
    if (how < 0.4) {
      const cut = integer(this.#random, 0, message.length);
      parts.push(bytes.subarray(0, cut), bytes.subarray(cut, cut), bytes.subarray(cut));
    }
    const given: Message = parts.length > 0 ? parts : bytes;
    if (how < 0.7) session.next(given);
    else session.send(given).catch((error) => this.#fail(`send: ${error}`));
    this.#scratch.fill(POISON);
    parts.length = 0;
  }

  #sendPayload(session: Session): void {
    const payload = content(this.#random, integer(this.#random, 4, Math.min(session.oobMax, OOB_MAX)));
    this.sent.payloads.push(payload);
    const own = payload.slice();
    session.sendOob(own);
    own.fill(POISON);
  }

  #read(session: Session): void {
    const take = (message: Uint8Array): void => {
      try {
        this.#take(session, message);
      } catch (error) {
        this.#fail(`${error}`);
      }
    };
    const failed = (error: unknown): void => {
      if (!this.#open.closed) this.#fail(`${error}`);
    };
    if (this.#end.reader === 'subscriber') {
      this.#open.add(session.subscribe({ next: take, error: failed }));
    } else if (this.#end.reader === 'iterator') {
      const messages = session[Symbol.asyncIterator]();
      this.#open.add(() => void messages.return?.());
      pull(() => messages.next(), take).catch(failed);
    } else {
      const reader = toWebStreams(session, { messages: true }).readable.getReader();
      this.#open.add(() => void reader.cancel().catch(() => {}));
      pull(() => reader.read(), take).catch(failed);
    }
  }

  #take(session: Session, message: Uint8Array): void {
    if (message.byteOffset !== 0 || message.buffer.byteLength !== message.length) {
      this.#fail(`message ${this.#received} is a view of ${message.buffer.byteLength} bytes`);
    }
    const expected = this.#expect(message.length);
    this.#compare(`message ${this.#received}`, message, expected);
    this.#use(message, expected);
    if (this.#random() < 0.08) {
      session.pause();
      this.#clock.schedule(() => session.resume(), integer(this.#random, 0, 40));
    }
    this.#progress();
  }

  /** The next `length` bytes that the peer has sent: in a stream of any messages, else of just one. */
  #expect(length: number): Uint8Array {
    const [left, right] = this.#plan.ends;
    const isStream = (left.options.stream || right.options.stream) ?? false;
    const messages = this.#peers?.messages ?? [];
    if (!isStream) return messages[this.#received++] ?? new Uint8Array(0);
    const bytes = new Uint8Array(length);
    for (let at = 0; at < length; ) {
      const next = messages[this.#received];
      if (next === undefined) return bytes.subarray(0, at);
      const piece = next.subarray(this.#offset, this.#offset + length - at);
      bytes.set(piece, at);
      at += piece.length;
      this.#offset += piece.length;
      if (this.#offset < next.length) continue;
      this.#offset = 0;
      this.#received++;
    }
    return bytes;
  }

  /** Whatever a user may do to a message. */
  #use(message: Uint8Array, expected: Uint8Array): void {
    const how = this.#random();
    if (how < 0.35) {
      this.#kept.push({ now: message, before: expected });
    } else if (how < 0.6) {
      message.fill(POISON);
    } else if (how < 0.85) {
      this.#kept.push({
        now: structuredClone(message, { transfer: [message.buffer as ArrayBuffer] }),
        before: expected,
      });
      if (message.length > 0) this.#fail('what was transferred is still there');
    } else {
      // Half of it is read later.
      const half = message.length >> 1;
      message.fill(POISON, 0, half);
      this.#kept.push({ now: message.subarray(half), before: expected.subarray(half) });
    }
  }

  #takePayload(payload: Uint8Array): void {
    if (payload.byteOffset !== 0 || payload.buffer.byteLength !== payload.length) this.#fail('a payload is a view');
    const expected = this.#peers?.payloads.find((sent) => Buffer.compare(sent, payload) === 0);
    if (expected === undefined) this.#fail(`a payload of ${payload.length} bytes that was never sent`);
    else this.#use(payload, expected);
  }

  #compare(what: string, now: Uint8Array, before: Uint8Array): void {
    if (Buffer.compare(now, before) === 0) return;
    let at = 0;
    while (at < now.length && now[at] === before[at]) at++;
    this.#fail(`${what}: ${now.length} bytes, sent ${before.length}; byte ${at} is ${now[at]}, not ${before[at]}`);
  }
}

async function pull(
  next: () => Promise<{ readonly done?: boolean | undefined; readonly value?: Uint8Array | undefined }>,
  take: (message: Uint8Array) => void,
): Promise<void> {
  for (;;) {
    const { done, value } = await next();
    if (done || value === undefined) return;
    take(value);
  }
}
