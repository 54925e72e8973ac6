import {
  catchError,
  defer,
  EMPTY,
  endWith,
  from,
  ignoreElements,
  map,
  mergeMap,
  NEVER,
  noop,
  Observable,
  type OperatorFunction,
  of,
  tap,
} from 'rxjs';
import { checkOptions, ensure, isFunction, type OptionNames, requireFunction, requireInteger } from '../src/check.ts';
import { checkMessage, lengthOf, type Message } from '../src/core/kcp/message.ts';
import { SendQueueFullError } from '../src/errors.ts';
import { subscribeWithin } from '../src/rx/subscribe-within.ts';
import type { Session } from '../src/session/session.ts';
import { sendTo } from './send-to.ts';

/** A session, as far as {@link broadcast} uses it. */
export type Member = Pick<
  Session,
  'closed' | 'closed$' | 'congested$' | 'isCompleting' | 'messageMax' | 'next' | 'send$' | 'stats' | 'close'
>;

/** Options of {@link broadcast}. */
export interface BroadcastOptions<M> {
  /**
   * The policy for members whose send window is full when a message is sent.
   *
   * - `'disconnect'` (default): the message is queued, up to `queueBytes` per member. A member that falls further behind is closed. If the
   *   session's own limits are lower, it fails with `SendQueueFullError`.
   * - `'drop'`: these members do not get the message. Use it for state, where the next message replaces the last one.
   * - `'wait'`: the next message waits until all windows have accepted this one. Meanwhile messages are queued, up to the limits of
   *   {@link sendTo}. Use it for few members that must not miss a message: the slowest member sets the pace, and a member that has vanished
   *   stops all others for `deadAfter`.
   */
  slow?: 'disconnect' | 'drop' | 'wait' | undefined;
  /** With `'disconnect'`: most bytes queued per member, 1 … 2^53 − 1. Default 1 MiB. */
  queueBytes?: number | undefined;
  /**
   * Called per member that did not get a message, because it was skipped or closed, or because its send queue is full. If it throws, the
   * stream fails with that error.
   */
  onSlow?: ((member: M, message: Message) => void) | undefined;
}

const NAMES: OptionNames<BroadcastOptions<Member>> = { slow: true, queueBytes: true, onSlow: true };

/**
 * Sends each message to all members of a group, with a policy for slow ones.
 *
 * It emits once per message: the number of members that the message was sent to. Members that have ended, or that `complete()` was called
 * on, are skipped; a group may be empty. All members get the messages in the same order. If you emit a message from a callback, such as
 * `onSlow`, it waits until the current one was sent to all members.
 *
 * It completes and fails with the source. It fails with `InvalidMessageError`, and with `MessageTooLargeError` if a message is too large for
 * one of the members; then no member gets that message. Unsubscribing closes no session.
 *
 * ```
 * messages   --a-----b-----c--|
 *            broadcast(members)
 * sent to    --2-----3-----2--|       a member joins before b and leaves before c
 * ```
 *
 * @example
 * const room = new Set<Session>();
 * said$.pipe(broadcast(room, { slow: 'drop' })).subscribe();
 *
 * @param members an Observable of sessions, each of which is a member from its emission to its end; or an iterable that is read for each
 * message, such as your own `Set`. If the Observable fails, this operator fails with the same error.
 * @param options see {@link BroadcastOptions}.
 * @throws OptionError if an option is invalid; `error.option` names it.
 */
export function broadcast<M extends Member>(
  members: Iterable<M> | Observable<M>,
  options: BroadcastOptions<M> = {},
): OperatorFunction<Message, number> {
  checkOptions(options, NAMES);
  const { slow = 'disconnect', queueBytes = 1024 * 1024, onSlow = noop } = options;
  ensure('slow', slow, ['disconnect', 'drop', 'wait'].includes(slow), "'disconnect', 'drop' or 'wait'");
  requireInteger('queueBytes', queueBytes, 1, Number.MAX_SAFE_INTEGER);
  requireFunction('onSlow', onSlow);
  const { subscribe, [Symbol.iterator]: iterate } = (members ?? {}) as Partial<Observable<M> & Iterable<M>>;
  ensure('members', members, isFunction(subscribe) || isFunction(iterate), 'an Observable or an iterable of sessions');
  const joining = isFunction(subscribe) ? (members as Observable<M>) : NEVER;
  const listed = isFunction(subscribe) ? undefined : (members as Iterable<M>);
  const policy: Policy<M> = { slow, queueBytes, onSlow };
  return (messages) =>
    new Observable((subscriber) => {
      const group = new Group<M>(policy, listed);
      subscriber.add(() => group.leaveAll());
      subscribeWithin(joining, subscriber, {
        next: (member) => group.join(member),
        error: (error) => subscriber.error(error),
        complete: noop,
      });
      // It sends one at a time, also with the other policies: a callback may emit a message.
      const reached$ = messages.pipe(
        sendTo(group),
        map(() => group.reached),
      );
      subscribeWithin(reached$, subscriber, subscriber);
    });
}

interface Policy<M> {
  readonly slow: 'disconnect' | 'drop' | 'wait';
  readonly queueBytes: number;
  readonly onSlow: (member: M, message: Message) => void;
}

/** The members of one subscription. For `sendTo` it is one target that accepts a message when the policy allows the next one. */
class Group<M extends Member> {
  readonly conv = 0;
  readonly closed$ = NEVER;
  readonly following = { keepSending: (): (() => void) => noop };
  /** Number of members that the latest message was sent to. */
  reached = 0;
  readonly #policy: Policy<M>;
  readonly #listed: Iterable<M> | undefined;
  /** Members, each with the function that ends watching it. */
  readonly #joined = new Map<M, () => void>();
  /** Members whose send window is full. */
  readonly #full = new Set<M>();

  constructor(policy: Policy<M>, listed: Iterable<M> | undefined) {
    this.#policy = policy;
    this.#listed = listed;
  }

  join(member: M): void {
    if (member.closed || this.#joined.has(member)) return;
    const watching = member.congested$.subscribe((isFull) => {
      if (isFull) this.#full.add(member);
      else this.#full.delete(member);
    });
    watching.add(member.closed$.subscribe(() => this.#leave(member)));
    this.#joined.set(member, () => watching.unsubscribe());
  }

  leaveAll(): void {
    for (const member of [...this.#joined.keys()]) this.#leave(member);
  }

  /** Sends a message under the policy. Emits once, at once unless the policy is to wait. */
  send$(given: Message): Observable<void> {
    return defer(() => {
      const { members, message } = this.#begin(given);
      if (this.#policy.slow === 'wait') return this.#sendToAll(members, message);
      for (const member of members) this.#sendNow(member, message);
      return of(undefined);
    });
  }

  #sendNow(member: M, message: Message): void {
    // A callback may have ended it, or the whole group.
    if (!this.#joined.has(member) || member.isCompleting) return;
    if (this.#takes(member, message)) {
      member.next(message);
      if (!member.closed) {
        this.reached++;
        return;
      }
    } else if (this.#policy.slow === 'disconnect') member.close();
    this.#policy.onSlow(member, message);
  }

  /** Emits when each of `members` has accepted the message or has ended. */
  #sendToAll(members: readonly M[], message: Message): Observable<void> {
    return from(members).pipe(
      mergeMap((member) =>
        member.send$(message).pipe(
          tap(() => this.reached++),
          catchError((error) => {
            if (error instanceof SendQueueFullError && !member.closed) this.#policy.onSlow(member, message);
            return EMPTY;
          }),
        ),
      ),
      ignoreElements(),
      endWith(undefined),
    );
  }

  /** The members for the next message. @throws InvalidMessageError, MessageTooLargeError */
  #begin(given: Message): { readonly members: readonly M[]; readonly message: Message } {
    if (this.#listed) {
      const listed = new Set(this.#listed);
      for (const member of [...this.#joined.keys()]) if (!listed.has(member)) this.#leave(member);
      for (const member of listed) this.join(member);
    }
    const members = [...this.#joined.keys()];
    const limit = members.reduce((least, { messageMax }) => Math.min(least, messageMax), Infinity);
    this.reached = 0;
    return { members, message: checkMessage(given, limit) };
  }

  #takes(member: M, message: Message): boolean {
    if (!this.#full.has(member)) return true;
    if (this.#policy.slow === 'drop') return false;
    return member.stats().queuedBytes + lengthOf(message) <= this.#policy.queueBytes;
  }

  #leave(member: M): void {
    const letGo = this.#joined.get(member);
    this.#joined.delete(member);
    this.#full.delete(member);
    letGo?.();
  }
}
