import { map, Observable, type OperatorFunction, takeUntil } from 'rxjs';
import { Fifo } from '../src/bytes/fifo.ts';
import { checkOptions, type OptionNames, requireInteger } from '../src/check.ts';
import { checkMessage, lengthOf, type Message } from '../src/core/kcp/message.ts';
import { SendQueueFullError, SessionClosedError } from '../src/errors.ts';
import { subscribeWithin } from '../src/rx/subscribe-within.ts';
import type { SendTarget } from '../src/session/conversation.ts';

/** Options of {@link sendTo}. */
export interface SendToOptions {
  /** Messages that may wait for the send window, 1 … 1073741824. Default 65536. */
  queueMessages?: number | undefined;
  /** Bytes of those, 1 … 2^53 − 1. The first one that waits may be of any size. Default 64 MiB. */
  queueBytes?: number | undefined;
}

const NAMES: OptionNames<SendToOptions> = { queueMessages: true, queueBytes: true };

/**
 * Sends each message to a session, one at a time, at the pace of its send window.
 *
 * Emits once per message, when the send window has taken it: while the window has room, within the call. Messages that come while
 * one waits are queued here, by reference and in order, under the caps of `options`. If your source is endless and may be faster than
 * the network, decide in front of this operator what is left out:
 *
 * ```ts
 * source.pipe(exhaustMap(m => session.send$(m)))                                                  // drop what comes while the window is full
 * source.pipe(audit(() => session.congested$.pipe(filter(full => !full))), sendTo(session))       // only the latest
 * source.pipe(bufferCount(8), sendTo(session))                                                    // eight in one message
 * ```
 *
 * Completes when the source has completed and everything is taken; the session stays open ({@link converse} completes it). Fails, and
 * unsubscribes from the source, when the session ends: with the error that ended it, else with `SessionClosedError`. Fails as
 * `Session.send` rejects, too, and with `SendQueueFullError` if more waits than the caps allow. An error of the
 * source is passed on at once. Unsubscribing drops what is queued here.
 *
 * ```
 * messages   --a--b--c--d--|          a and b fill the window; an ack of both comes four dashes behind the completion
 *            sendTo(session)
 * taken      --x--x------------(xx|)
 * ```
 *
 * @example
 * connect({ port: 4000 }).pipe(converse(session => messages.pipe(sendTo(session)))).subscribe();
 *
 * @param session a session of `connect` or `listen`, or a stream of `rxkcp/mux`.
 * @param options caps; see {@link SendToOptions}.
 * @throws OptionError if an option is invalid; `error.option` names it.
 */
export function sendTo(session: SendTarget, options: SendToOptions = {}): OperatorFunction<Message, void> {
  checkOptions(options, NAMES);
  const { queueMessages = 65_536, queueBytes = 64 * 1024 * 1024 } = options;
  requireInteger('queueMessages', queueMessages, 1, 1 << 30);
  requireInteger('queueBytes', queueBytes, 1, Number.MAX_SAFE_INTEGER);
  const ended$ = session.closed$.pipe(
    map(({ reason, error }) => {
      throw reason === 'failed' ? error : new SessionClosedError(session.conv);
    }),
  );
  const sending = (messages: Observable<Message>): Observable<void> =>
    new Observable((subscriber) => {
      const queue = new Fifo<Message>();
      let bytes = 0;
      let isBusy = false;
      let isComplete = false;
      const enqueue = (message: Message): void => {
        if (queue.length >= queueMessages) throw new SendQueueFullError('queueMessages', queueMessages);
        checkMessage(message, Infinity);
        const length = lengthOf(message);
        if (queue.length > 0 && bytes + length > queueBytes) throw new SendQueueFullError('queueBytes', queueBytes);
        bytes += length;
        queue.push(message);
      };
      // In a loop: as many as the window takes at once must not nest as many calls.
      const work = (): void => {
        while (!isBusy && !subscriber.closed) {
          const message = queue.shift();
          if (message === undefined) {
            if (isComplete) subscriber.complete();
            return;
          }
          bytes -= lengthOf(message);
          send(message);
        }
      };
      const send = (message: Message): void => {
        isBusy = true;
        let isWithin = true;
        subscriber.add(
          session.send$(message).subscribe({
            next: () => subscriber.next(),
            error: (error) => subscriber.error(error),
            complete: () => {
              isBusy = false;
              if (!isWithin) work();
            },
          }),
        );
        isWithin = false;
      };
      subscribeWithin(messages, subscriber, {
        next: (message) => {
          if (!isBusy) {
            send(message);
            if (!isBusy) work();
            return;
          }
          try {
            enqueue(message);
          } catch (error) {
            subscriber.error(error);
          }
        },
        error: (error) => subscriber.error(error),
        complete: () => {
          isComplete = true;
          if (isBusy) subscriber.add(session.following.keepSending());
          work();
        },
      });
    });
  return (messages) => sending(messages).pipe(takeUntil(ended$));
}
