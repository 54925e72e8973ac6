// A session at a server, with what it has in the store.

import type { SchedulerLike } from 'rxjs';
import type { FarewellReason, HelloFrame } from '../core/resume/frame.ts';
import type { ResumeStore, StoredSession } from '../core/resume/record.ts';
import { ResumeEnd } from '../core/resume/resume-end.ts';
import type { SessionEnd } from '../session/end.ts';
import type { Carrier } from './carrier.ts';
import { Journal } from './journal.ts';
import { ResumableSession } from './resumable-session.ts';
import { driverOf, type Rest, type ResumeDriver, type SessionHost, type SessionParts } from './resume-driver.ts';
import type { ServerSettings } from './settings.ts';

interface HostedOwner {
  /** The session has ended, with an error or without. */
  ended(error: unknown): void;
  /** The store knows of that. */
  left(): void;
}

export class Hosted implements SessionHost {
  readonly settings: ServerSettings;
  readonly clock: SchedulerLike;
  readonly end: ResumeEnd;
  readonly journal: Journal;
  readonly session: ResumableSession;
  readonly driver: ResumeDriver;
  /** Of the connection under way. */
  epoch = 0;
  readonly #owner: HostedOwner;
  /** The connection that is to be the next one, once the store knows of it. */
  #joining: Carrier | undefined;

  constructor(
    id: string,
    settings: ServerSettings,
    clock: SchedulerLike,
    store: ResumeStore,
    found: StoredSession,
    owner: HostedOwner,
  ) {
    this.settings = settings;
    this.clock = clock;
    this.#owner = owner;
    this.end = new ResumeEnd(settings.core, true, found.record, found.messages);
    this.journal = new Journal(store, id, this.end, found, settings.expireAfter, {
      stored: () => {
        const { sent, received } = this.journal.stored;
        this.end.markStored(sent, received, clock.now());
        this.driver.pump();
      },
      // Of a session that another server has, and of one that may be in the store, the record stays.
      failed: (error) => this.driver.terminate({ reason: 'failed', error }, undefined, 'leave'),
    });
    this.session = new ResumableSession(id, { end: this.end, host: this } satisfies SessionParts);
    this.driver = driverOf(this.session);
  }

  get expireAfter(): number {
    return this.settings.expireAfter;
  }

  /** Why the end that is here cannot go on with `hello`. */
  objection({ received }: HelloFrame): FarewellReason | undefined {
    return this.end.canResumeFrom(received) ? undefined : 'forked';
  }

  /** Takes note of a connection in the store; then `done` is called with whether the session is still here. */
  rejoin(carrier: Carrier, { epoch }: HelloFrame, done: (isOurs: boolean) => void): void {
    this.#joining = carrier;
    this.journal.epoch++;
    this.journal.confirmed = Math.max(this.journal.confirmed, epoch);
    this.journal.commitAll(done);
  }

  /** Whether no other connection has come since. */
  isJoining(carrier: Carrier): boolean {
    return this.#joining === carrier;
  }

  commit(): void {
    this.journal.commit();
  }

  readonly renew = (): void => this.journal.renew();

  confirmed(): void {
    this.journal.confirmed = Math.max(this.journal.confirmed, this.epoch);
  }

  ended({ error }: SessionEnd, rest: Rest): void {
    this.#owner.ended(error);
    this.journal.stop(rest, () => this.#owner.left());
  }
}
