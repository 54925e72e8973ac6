// Whose a connection is, and who continues it.

import type { SchedulerLike } from 'rxjs';
import { ResumeError, violation } from '../core/resume/errors.ts';
import { decodeFrame, encodeFrame, type FarewellReason, type HelloFrame, ID_BYTES } from '../core/resume/frame.ts';
import type { ResumeRecord, ResumeStore, StoredSession } from '../core/resume/record.ts';
import { clockOf } from '../time/clock.ts';
import { timerQueueOf } from '../time/timer-queue.ts';
import { Carrier, requireConnection } from './carrier.ts';
import type { ResumeConnection } from './connection.ts';
import { areEqual, hexOf } from './hex.ts';
import { Hosted } from './hosted.ts';
import { storeError } from './journal.ts';
import { memoryResumeStore } from './memory-store.ts';
import { RecentIds } from './recent-ids.ts';
import type { ResumableSession } from './resumable-session.ts';
import type { ResumeDriver } from './resume-driver.ts';
import type { ServerSettings } from './settings.ts';
import { settle } from './settle.ts';

/** How often a session is read again because another server has written to it meanwhile. */
const ATTEMPTS = 4;

const NOTHING: Pick<ResumeRecord, 'sent' | 'received'> = { sent: 0, received: 0 };

interface ServerOwner {
  opened(session: ResumableSession): void;
  /** There is neither a session nor a connection. */
  idle(): void;
}

/** A connection whose hello was read. */
interface Arrival {
  readonly carrier: Carrier;
  readonly hello: HelloFrame;
  readonly id: string;
}

/** The sessions of a server, and the connections that belong to none yet. */
export class ResumeServer {
  readonly #settings: ServerSettings;
  readonly #owner: ServerOwner;
  readonly #clock: SchedulerLike;
  readonly #store: ResumeStore;
  readonly #live = new Map<string, Hosted>();
  /** Sessions that are being looked up, with the newest connection that came meanwhile. */
  readonly #opening = new Map<string, Arrival | undefined>();
  /** Connections that have no session yet. */
  readonly #strangers = new Set<Carrier>();
  /** Whose a connection is. */
  readonly #drivers = new WeakMap<Carrier, ResumeDriver>();
  /** Sessions that have expired here, so that their clients can be told. */
  readonly #expired = new RecentIds();
  #isStopped = false;

  constructor(settings: ServerSettings, owner: ServerOwner) {
    this.#settings = settings;
    this.#owner = owner;
    this.#clock = clockOf(settings.scheduler);
    this.#store = settings.store ?? memoryResumeStore({ scheduler: settings.scheduler });
  }

  get isIdle(): boolean {
    return this.#live.size + this.#opening.size + this.#strangers.size === 0;
  }

  /** @throws OptionError */
  accept(connection: ResumeConnection): void {
    const { core, handshakeTimeout } = this.#settings;
    requireConnection(connection, core.maxMessageSize);
    const carrier = new Carrier(connection);
    const timer = timerQueueOf(this.#clock).timer(() => this.#dismiss(carrier));
    let hasGreeted = false;
    this.#strangers.add(carrier);
    timer.set(handshakeTimeout);
    carrier.start({
      frame: (bytes) => {
        const driver = this.#driverOf(carrier);
        if (driver) driver.input(carrier, bytes);
        else if (hasGreeted) this.#refuse(carrier, 'violation');
        else {
          hasGreeted = true;
          this.#greeted(carrier, bytes);
        }
        if (!this.#strangers.has(carrier)) timer.set(undefined);
      },
      drained: () => this.#driverOf(carrier)?.pump(),
      ended: () => {
        timer.set(undefined);
        this.#driverOf(carrier)?.lost(carrier);
        this.#dismiss(carrier);
      },
    });
  }

  /** Lets go of everything: another server can continue the sessions. */
  stop(): void {
    this.#isStopped = true;
    for (const carrier of [...this.#strangers]) this.#dismiss(carrier);
    for (const { driver } of [...this.#live.values()]) driver.terminate({ reason: 'closed' }, undefined, 'leave');
  }

  #driverOf(carrier: Carrier): ResumeDriver | undefined {
    return this.#drivers.get(carrier);
  }

  #greeted(carrier: Carrier, bytes: Uint8Array): void {
    try {
      const hello = decodeFrame(bytes);
      if (hello.kind !== 'hello') throw violation(`a ${hello.kind} came before the hello`);
      this.#admit({ carrier, hello, id: hexOf(hello.id) });
    } catch (error) {
      if (!(error instanceof ResumeError)) throw error;
      this.#refuse(carrier, 'violation');
    }
  }

  #admit(arrival: Arrival): void {
    const { id, carrier, hello } = arrival;
    if (carrier.closed || this.#isStopped) return;
    const hosted = this.#live.get(id);
    if (hosted) {
      const reason = this.#objection(hosted.journal.record, hello) ?? hosted.objection(hello);
      if (reason) this.#refuse(carrier, reason);
      else this.#rejoin(hosted, arrival);
      return;
    }
    if (this.#opening.has(id)) {
      const other = this.#opening.get(id);
      if (other) this.#refuse(other.carrier, 'forked');
      this.#opening.set(id, arrival);
      return;
    }
    if (this.#live.size + this.#opening.size >= this.#settings.maxSessions) {
      this.#refuse(carrier, 'full');
      return;
    }
    this.#opening.set(id, undefined);
    if (hello.epoch === 0) this.#create(arrival);
    else this.#read(arrival, ATTEMPTS);
  }

  /** A new connection for a session that is here. */
  #rejoin(hosted: Hosted, arrival: Arrival): void {
    const { carrier, hello } = arrival;
    hosted.rejoin(carrier, hello, (isOurs) => {
      if (!isOurs) this.#admit(arrival);
      else if (carrier.closed) return;
      else if (hosted.isJoining(carrier)) this.#join(hosted, carrier, hello);
      else this.#refuse(carrier, 'forked');
    });
  }

  #create(arrival: Arrival): void {
    const { hello, id } = arrival;
    const secret = new Uint8Array(ID_BYTES);
    this.#settings.random(secret);
    const record: ResumeRecord = {
      secret,
      epoch: 1,
      confirmed: 0,
      received: 0,
      isPeerFinished: false,
      acked: 0,
      sent: 0,
      isFinished: false,
      isOver: false,
    };
    if (hello.received > 0) {
      this.#opened(arrival, 'violation');
      return;
    }
    settle(
      () => this.#store.create(id, record, this.#settings.expireAfter),
      (revision) => {
        // The welcome of an earlier attempt may have been lost.
        if (revision === undefined) this.#read(arrival, ATTEMPTS);
        else this.#opened(arrival, { record, revision, messages: [] });
      },
      (error) => this.#failed(arrival, error),
    );
  }

  #read(arrival: Arrival, attempts: number): void {
    const { carrier, hello, id } = arrival;
    settle(
      () => this.#store.read(id),
      (found) => {
        if (carrier.closed) {
          this.#opened(arrival, undefined);
          return;
        }
        if (found === undefined || found === 'expired') {
          this.#opened(arrival, found ?? (this.#expired.has(id) ? 'expired' : 'unknown'));
          return;
        }
        const reason = this.#objection(found.record, hello);
        if (reason) this.#opened(arrival, reason);
        else if (found.record.isOver) this.#opened(arrival, found);
        else this.#take(arrival, found, attempts);
      },
      (error) => this.#failed(arrival, error),
    );
  }

  /** Makes the session this server's, if no other one is faster. */
  #take(arrival: Arrival, found: StoredSession, attempts: number): void {
    const { hello, id } = arrival;
    const { record, revision, messages } = found;
    const ours = { ...record, epoch: record.epoch + 1, confirmed: Math.max(record.confirmed, hello.epoch) };
    settle(
      () => this.#store.update(id, revision, ours, [], this.#settings.expireAfter),
      (next) => {
        if (next !== undefined) this.#opened(arrival, { record: ours, revision: next, messages });
        else if (attempts > 1) this.#read(arrival, attempts - 1);
        else this.#opened(arrival, undefined);
      },
      (error) => this.#failed(arrival, error),
    );
  }

  #failed(arrival: Arrival, error: unknown): void {
    this.#opened(arrival, storeError(error).kind === 'full' ? 'full' : undefined);
  }

  /** The session was looked up: it is there, or there is a reason to refuse; undefined closes the connection, to be tried again. */
  #opened(arrival: Arrival, found: StoredSession | FarewellReason | undefined): void {
    const { carrier, hello, id } = arrival;
    const newer = this.#opening.get(id);
    this.#opening.delete(id);
    if (typeof found === 'string') this.#refuse(carrier, found);
    else if (!found || this.#isStopped) this.#dismiss(carrier);
    else if (found.record.isOver) this.#refuse(carrier, 'done', found.record);
    else if (!carrier.closed || newer) {
      const hosted = new Hosted(id, this.#settings, this.#clock, this.#store, found, {
        ended: (error) => {
          this.#live.delete(id);
          if (error instanceof ResumeError && error.kind === 'expired') this.#expired.add(id);
          // Who comes now is to find it as it is then.
          this.#opening.set(id, undefined);
        },
        left: () => this.#left(id),
      });
      this.#live.set(id, hosted);
      if (!carrier.closed) this.#join(hosted, carrier, hello);
      this.#owner.opened(hosted.session);
      hosted.driver.start();
    }
    if (newer) this.#admit(newer);
    this.#checkIdle();
  }

  /** The store knows that a session has ended: the newest connection that has come meanwhile is next. */
  #left(id: string): void {
    const newer = this.#opening.get(id);
    this.#opening.delete(id);
    if (newer) this.#admit(newer);
    this.#checkIdle();
  }

  /** The connection is the session's from now on. */
  #join(hosted: Hosted, carrier: Carrier, hello: HelloFrame): void {
    const { driver, journal, end } = hosted;
    this.#strangers.delete(carrier);
    this.#drivers.set(carrier, driver);
    const { expireAfter } = this.#settings;
    const { secret, epoch } = journal.record;
    hosted.epoch = epoch;
    driver.attach(carrier, hello, () => encodeFrame({ kind: 'welcome', secret, epoch, ...end.greet(), expireAfter }));
  }

  /** Why `hello` cannot continue the session; undefined if it can. */
  #objection(record: ResumeRecord, hello: HelloFrame): FarewellReason | undefined {
    const { secret, epoch, confirmed, acked, sent, isOver } = record;
    // Without a welcome there is no secret to show, as long as the client has shown none.
    if (hello.secret && !areEqual(hello.secret, secret)) return 'unknown';
    if (hello.epoch < confirmed || hello.epoch > epoch) return 'forked';
    // Of one that is over, only this is left to be told.
    if (isOver) return undefined;
    return hello.received < acked || hello.received > sent ? 'forked' : undefined;
  }

  #refuse(carrier: Carrier, reason: FarewellReason, { sent, received } = NOTHING): void {
    this.#strangers.delete(carrier);
    carrier.finish(encodeFrame({ kind: 'farewell', reason, sent, ack: received }));
    this.#checkIdle();
  }

  #dismiss(carrier: Carrier): void {
    this.#strangers.delete(carrier);
    carrier.close();
    this.#checkIdle();
  }

  #checkIdle(): void {
    if (this.isIdle) this.#owner.idle();
  }
}
