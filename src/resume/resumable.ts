// The client's end: one session over one connection after the other.

import { Observable, type SchedulerLike, type Subscriber, Subscription } from 'rxjs';
import { type ReconnectingOptions, reconnecting } from '../../operators/reconnecting.ts';
import { requireObservable } from '../check.ts';
import { ResumeError, violation } from '../core/resume/errors.ts';
import { decodeFrame, encodeFrame, ID_BYTES, type ResumeFrame, type WelcomeFrame } from '../core/resume/frame.ts';
import { ResumeEnd } from '../core/resume/resume-end.ts';
import type { SessionEnd } from '../session/end.ts';
import { clockOf } from '../time/clock.ts';
import { timerQueueOf } from '../time/timer-queue.ts';
import { Carrier, requireConnection } from './carrier.ts';
import type { ResumeConnection } from './connection.ts';
import { hexOf } from './hex.ts';
import type { ResumableOptions } from './options.ts';
import { refusal } from './refusal.ts';
import { ResumableSession } from './resumable-session.ts';
import { driverOf, type Rest, type ResumeDriver, type SessionHost, type SessionParts } from './resume-driver.ts';
import { clientSettings, type DriverSettings } from './settings.ts';

/** ms of the longest timer. */
const TIMER_MAX = 0x7fff_ffff;

/**
 * Makes one session over connections that come and go: each message arrives once, in order, whatever becomes of them.
 *
 * Dials again when a connection fails or ends, with backoff and jitter ({@link reconnecting}), and sends again what the server has not
 * acknowledged. The server needs {@link resumed}. Emits the session when the server has answered for the first time. Completes when the session
 * has ended, for whatever reason: `closed$` of the session has it. Unsubscribing closes the session.
 *
 * Errors, before the session was emitted: a {@link ResumeError} if the server refuses, or `OptionError` if messages do not fit into those of
 * the connection. A dial that fails is repeated, forever unless `reconnect.giveUp` says otherwise.
 *
 * A connection that is dead must show it: sessions of `connect` do, when something is sent or with an `idleTimeout`.
 *
 * ```
 * dial       s----#   t-------#  u---|     s and t fail
 *            resumable()
 * output     -r-----------------------|    one session; it is completed over u
 * ```
 *
 * @example
 * resumable(connect({ port: 4000, idleTimeout: 10_000 })).subscribe((session) => {
 *   session.subscribe({ next: (message) => console.log(message), error: console.error });
 *   session.next(hello);
 * });
 *
 * @param dial makes a connection for each subscription, as `connect` does, and closes it when it is unsubscribed from.
 * @param options see {@link ResumableOptions}.
 * @throws OptionError at once, if an option is invalid; `error.option` names it.
 */
export function resumable(
  dial: Observable<ResumeConnection>,
  options: ResumableOptions = {},
): Observable<ResumableSession> {
  requireObservable('dial', dial);
  const settings = clientSettings(options);
  // Its options are checked now, too.
  reconnecting(dial, () => dial, { ...options.reconnect, scheduler: settings.scheduler });
  return new Observable((subscriber) => {
    const client = new ResumeClient(settings, subscriber);
    client.run(dial, options.reconnect);
    return () => client.stop();
  });
}

class ResumeClient implements SessionHost {
  readonly settings: DriverSettings;
  readonly clock: SchedulerLike;
  expireAfter: number | undefined;
  readonly #subscriber: Subscriber<ResumableSession>;
  readonly #dialing = new Subscription();
  readonly #id: Uint8Array;
  readonly #end: ResumeEnd;
  readonly #session: ResumableSession;
  readonly #driver: ResumeDriver;
  #secret: Uint8Array | undefined;
  #epoch = 0;
  /** The connection under way. */
  #carrier: Carrier | undefined;

  constructor(settings: DriverSettings, subscriber: Subscriber<ResumableSession>) {
    this.settings = settings;
    this.clock = clockOf(settings.scheduler);
    this.#subscriber = subscriber;
    this.#id = new Uint8Array(ID_BYTES);
    settings.random(this.#id);
    this.#end = new ResumeEnd(settings.core, false);
    this.#session = new ResumableSession(hexOf(this.#id), { end: this.#end, host: this } satisfies SessionParts);
    this.#driver = driverOf(this.#session);
  }

  run(dial: Observable<ResumeConnection>, options: ReconnectingOptions = {}): void {
    const { clock: scheduler } = this;
    const connections = reconnecting(dial, (connection) => this.#talk(connection), { ...options, scheduler });
    this.#dialing.add(
      connections.subscribe({
        error: (cause) => this.#fail(new ResumeError('unreachable', 'the client gave up dialing', { cause })),
        // The last connection has ended with the session, or there was none.
        complete: () => {
          this.#fail(new ResumeError('unreachable', 'there are no more connections'));
          this.#subscriber.complete();
        },
      }),
    );
  }

  stop(): void {
    this.#session.close();
    this.#dialing.unsubscribe();
  }

  commit(): void {}

  confirmed(): void {}

  ended(_end: SessionEnd, _rest: Rest): void {
    const closed$ = this.#carrier?.closed$;
    const done = (): void => {
      this.#dialing.unsubscribe();
      this.#subscriber.complete();
    };
    // What was said last is to leave: unsubscribing from `dial` ends the connection at once.
    if (closed$ && !this.#subscriber.closed) this.#dialing.add(closed$.subscribe(done));
    else done();
  }

  /** Holds the session over one connection: emits when the server has answered, fails when the connection ends. */
  #talk(connection: ResumeConnection): Observable<unknown> {
    return new Observable((talking) => {
      try {
        requireConnection(connection, this.settings.core.maxMessageSize);
      } catch (error) {
        this.#fail(error);
        return;
      }
      const { handshakeTimeout } = this.settings;
      const carrier = new Carrier(connection);
      const fail = (error: unknown): void => {
        timer.set(undefined);
        this.#driver.lost(carrier);
        talking.error(error);
      };
      const timer = timerQueueOf(this.clock).timer(() =>
        fail(new ResumeError('unreachable', `no answer within ${handshakeTimeout} ms (handshakeTimeout)`)),
      );
      let isWelcome = false;
      this.#carrier = carrier;
      timer.set(handshakeTimeout);
      carrier.start({
        frame: (bytes) => {
          if (isWelcome) {
            this.#driver.input(carrier, bytes);
            return;
          }
          timer.set(undefined);
          isWelcome = true;
          if (this.#welcome(carrier, bytes)) talking.next(undefined);
        },
        drained: () => this.#driver.pump(),
        ended: (error) => fail(error ?? new ResumeError('unreachable', 'the connection was closed')),
      });
      carrier.write(this.#hello());
      return () => {
        if (this.#carrier === carrier) this.#carrier = undefined;
        timer.set(undefined);
        this.#driver.lost(carrier);
        carrier.close();
      };
    });
  }

  #hello(): Uint8Array {
    return encodeFrame({
      kind: 'hello',
      id: this.#id,
      epoch: this.#epoch,
      secret: this.#secret,
      ...this.#end.greet(),
    });
  }

  /** The first frame of a connection. Returns whether it is a welcome. */
  #welcome(carrier: Carrier, bytes: Uint8Array): boolean {
    let welcome: WelcomeFrame;
    try {
      const frame = decodeFrame(bytes);
      if (frame.kind === 'farewell' && this.#epoch > 0) {
        carrier.close();
        this.#driver.farewell(frame);
        return false;
      }
      welcome = this.#checked(frame);
    } catch (error) {
      this.#fail(error, carrier);
      return false;
    }
    const isFirst = this.#epoch === 0;
    this.#epoch = welcome.epoch;
    this.#secret = welcome.secret;
    this.expireAfter = this.settings.expireAfter ?? Math.min(welcome.expireAfter, TIMER_MAX);
    this.#driver.attach(carrier, welcome);
    if (isFirst) {
      this.#subscriber.next(this.#session);
      this.#driver.start();
    }
    return true;
  }

  /** @throws ResumeError */
  #checked(frame: ResumeFrame): WelcomeFrame {
    if (frame.kind === 'farewell') throw refusal(frame.reason);
    if (frame.kind !== 'welcome') throw violation(`a ${frame.kind} came before the welcome`);
    if (frame.epoch <= this.#epoch) throw violation(`epoch ${frame.epoch} came after ${this.#epoch}`);
    if (!this.#end.canResumeFrom(frame.received)) {
      throw new ResumeError('forked', `the server has received ${frame.received} messages, this client says otherwise`);
    }
    return frame;
  }

  /** The session cannot be continued. */
  #fail(error: unknown, carrier?: Carrier): void {
    // To whom it was not given yet, it is not known.
    if (this.#epoch === 0) this.#subscriber.error(error);
    carrier?.close();
    if (error instanceof ResumeError) this.#driver.giveUp(error);
    else this.#driver.terminate({ reason: 'failed', error }, undefined, 'drop');
  }
}
