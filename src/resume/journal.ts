// What a server writes to its store: before a message leaves, before an acknowledgment does, and for each connection.

import { ResumeError } from '../core/resume/errors.ts';
import type { ResumeRecord, ResumeStore } from '../core/resume/record.ts';
import type { ResumeEnd } from '../core/resume/resume-end.ts';
import type { Rest } from './resume-driver.ts';
import { settle } from './settle.ts';

const TAKEN = 'another server continues it';

interface JournalOwner {
  /** More is in the store than before. */
  stored(): void;
  /** The store has failed, or another server has the session. */
  failed(error: ResumeError): void;
}

/** The session in the store. One writing is under way at a time; what comes meanwhile goes into the next. */
export class Journal {
  readonly #store: ResumeStore;
  readonly #id: string;
  readonly #end: ResumeEnd;
  readonly #owner: JournalOwner;
  readonly #keepFor: number;
  #revision: number;
  #written: ResumeRecord;
  /** Of the last connection. */
  epoch: number;
  /** Largest epoch that the client has shown to know. */
  confirmed: number;
  #isBusy = false;
  #isForced = false;
  #isStopped = false;
  #rest: Rest = 'leave';
  #left = (): void => {};
  readonly #unwatch: (() => void) | undefined;
  /** To be told whether the next writing has succeeded. */
  #waiting: ((isWritten: boolean) => void)[] = [];

  constructor(
    store: ResumeStore,
    id: string,
    end: ResumeEnd,
    written: { readonly record: ResumeRecord; readonly revision: number },
    keepFor: number,
    owner: JournalOwner,
  ) {
    this.#store = store;
    this.#id = id;
    this.#end = end;
    this.#owner = owner;
    this.#keepFor = keepFor;
    this.#revision = written.revision;
    this.#written = written.record;
    this.epoch = written.record.epoch;
    this.confirmed = written.record.confirmed;
    this.#unwatch = store.watch?.(id, (revision) => {
      // What is being written, and by whom, its answer says.
      if (!this.#isBusy && revision > this.#revision) this.#fail(new ResumeError('forked', TAKEN));
    });
  }

  /** As it is now, and is to be written. */
  get record(): ResumeRecord {
    const { outgoing, incoming } = this.#end;
    return {
      secret: this.#written.secret,
      epoch: this.epoch,
      confirmed: this.confirmed,
      received: incoming.consumed,
      isPeerFinished: incoming.isFinished && incoming.consumed === incoming.received,
      acked: outgoing.acked,
      sent: outgoing.last,
      isFinished: outgoing.isFinished,
      isOver: false,
    };
  }

  /** Writes although nothing has changed: the session lives. */
  renew(): void {
    this.#isForced = true;
    this.commit();
  }

  /** Writes all that there is, and says whether that was possible. */
  commitAll(done: (isWritten: boolean) => void): void {
    if (this.#isStopped) {
      done(false);
      return;
    }
    this.#isForced = true;
    this.#waiting.push(done);
    this.commit();
  }

  /** Writes what has changed, unless a writing is under way. */
  commit(): void {
    while (!this.#isBusy && !this.#isStopped && this.#isDirty) {
      const { record } = this;
      const messages = this.#end.outgoing.after(this.#written.sent);
      const waiting = this.#waiting;
      this.#waiting = [];
      this.#isBusy = true;
      this.#isForced = false;
      const refused = (error: ResumeError): void => {
        this.#isBusy = false;
        if (this.#isStopped) this.#leave();
        else this.#fail(error);
        for (const done of waiting) done(false);
      };
      settle(
        () => this.#store.update(this.#id, this.#revision, record, messages, this.#keepFor),
        (revision) => {
          if (revision === undefined) {
            refused(new ResumeError('forked', TAKEN));
            return;
          }
          this.#isBusy = false;
          this.#revision = revision;
          this.#written = record;
          if (this.#isStopped) this.#leave();
          else this.#owner.stored();
          for (const done of waiting) done(!this.#isStopped);
          this.commit();
        },
        (error) => refused(storeError(error)),
      );
    }
  }

  /** Numbers of the last messages, out and in, that the store knows. */
  get stored(): Pick<ResumeRecord, 'sent' | 'received'> {
    return this.#written;
  }

  /** The session has ended: writes nothing more, but what `rest` says. Calls `left` when that is done. */
  stop(rest: Rest, left: () => void): void {
    if (this.#isStopped) {
      left();
      return;
    }
    this.#isStopped = true;
    this.#rest = rest;
    this.#left = left;
    this.#unwatch?.();
    if (!this.#isBusy) this.#leave();
  }

  get #isDirty(): boolean {
    const { outgoing, incoming } = this.#end;
    const { sent, received, epoch, confirmed } = this.#written;
    return (
      this.#isForced ||
      outgoing.last > sent ||
      incoming.consumed > received ||
      this.epoch > epoch ||
      this.confirmed > confirmed
    );
  }

  #fail(error: ResumeError): void {
    if (this.#isStopped) return;
    this.#isStopped = true;
    this.#unwatch?.();
    this.#owner.failed(error);
    for (const done of this.#waiting.splice(0)) done(false);
  }

  #leave(): void {
    for (const done of this.#waiting.splice(0)) done(false);
    // What fails now expires.
    if (this.#rest === 'drop') {
      settle(() => this.#store.remove(this.#id, this.#revision), this.#left, this.#left);
    } else if (this.#rest === 'keep') {
      const record = { ...this.record, acked: this.#end.outgoing.last, isOver: true };
      settle(() => this.#store.update(this.#id, this.#revision, record, [], this.#keepFor), this.#left, this.#left);
    } else this.#left();
  }
}

/** What a store threw, or rejected with. */
export function storeError(error: unknown): ResumeError {
  return error instanceof ResumeError ? error : new ResumeError('store', 'the store failed', { cause: error });
}
