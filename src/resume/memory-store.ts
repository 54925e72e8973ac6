// A store in the memory of a process.

import type { SchedulerLike } from 'rxjs';
import { type Checks, checked, checkOptions, integer } from '../check.ts';
import { ResumeError } from '../core/resume/errors.ts';
import type { ResumeRecord, ResumeStore, StoredSession } from '../core/resume/record.ts';
import { clockOf } from '../time/clock.ts';
import { requireScheduler } from '../time/scheduler.ts';
import { RecentIds } from './recent-ids.ts';

/** Options of {@link memoryResumeStore}. */
export interface MemoryResumeStoreOptions {
  /** Sessions, with those that have ended less than `expireAfter` ago, 1 … 16777216. Default 262144. */
  maxSessions?: number | undefined;
  /** Bytes of messages that are not acknowledged, of all sessions, 1 … 2^53 − 1. Default 256 MiB. */
  maxBytes?: number | undefined;
  /** The clock by which sessions expire. Default: the monotonic clock; within `TestScheduler.run`, its virtual time. */
  scheduler?: SchedulerLike | undefined;
}

const CHECKS = {
  maxSessions: /* @__PURE__ */ integer(1, 1 << 24),
  maxBytes: /* @__PURE__ */ integer(1, Number.MAX_SAFE_INTEGER),
  scheduler: requireScheduler,
} satisfies Checks<MemoryResumeStoreOptions>;

interface Entry extends StoredSession {
  readonly bytes: number;
  readonly keepFor: number;
  readonly expiresAt: number;
}

class MemoryStore implements ResumeStore {
  readonly #clock: SchedulerLike;
  readonly #maxSessions: number;
  readonly #maxBytes: number;
  /** For each time to keep, the sessions by when they expire: a map keeps the order in which they were written. */
  readonly #entries = new Map<number, Map<string, Entry>>();
  /** How long each session is kept. */
  readonly #keptFor = new Map<string, number>();
  readonly #watchers = new Map<string, Set<(revision: number) => void>>();
  readonly #expired = new RecentIds();
  #bytes = 0;

  constructor(options: MemoryResumeStoreOptions) {
    const { scheduler, maxSessions = 262_144, maxBytes = 256 * 1024 * 1024 } = checked(options, CHECKS);
    this.#clock = clockOf(scheduler);
    this.#maxSessions = maxSessions;
    this.#maxBytes = maxBytes;
  }

  create(id: string, record: ResumeRecord, keepFor: number): number | undefined {
    this.#expire();
    if (this.#keptFor.has(id)) return undefined;
    if (this.#keptFor.size >= this.#maxSessions) {
      throw new ResumeError('full', `the store has ${this.#maxSessions} sessions (maxSessions)`);
    }
    return this.#write(id, { record, revision: 1, messages: [] }, 0, keepFor);
  }

  read(id: string): StoredSession | 'expired' | undefined {
    this.#expire();
    const entry = this.#find(id);
    if (!entry) return this.#expired.has(id) ? 'expired' : undefined;
    const { record, revision, messages } = entry;
    return { record, revision, messages };
  }

  update(
    id: string,
    revision: number,
    record: ResumeRecord,
    messages: readonly Uint8Array[],
    keepFor: number,
  ): number | undefined {
    this.#expire();
    const entry = this.#find(id);
    if (entry?.revision !== revision) return undefined;
    const acknowledged = record.acked - entry.record.acked;
    const kept = acknowledged > 0 ? entry.messages.slice(acknowledged) : entry.messages;
    const all = messages.length > 0 ? [...kept, ...messages] : kept;
    const bytes = entry.bytes - bytesOf(entry.messages, acknowledged) + bytesOf(messages, messages.length);
    if (bytes > entry.bytes && this.#bytes - entry.bytes + bytes > this.#maxBytes) {
      throw new ResumeError('full', `the store has ${this.#maxBytes} bytes (maxBytes)`);
    }
    this.#drop(id, entry);
    return this.#write(id, { record, revision: revision + 1, messages: all }, bytes, keepFor);
  }

  remove(id: string, revision: number): void {
    const entry = this.#find(id);
    if (entry?.revision === revision) this.#drop(id, entry);
  }

  watch(id: string, changed: (revision: number) => void): () => void {
    const watchers = this.#watchers.get(id) ?? new Set();
    watchers.add(changed);
    this.#watchers.set(id, watchers);
    return () => {
      watchers.delete(changed);
      if (watchers.size === 0 && this.#watchers.get(id) === watchers) this.#watchers.delete(id);
    };
  }

  #find(id: string): Entry | undefined {
    const keepFor = this.#keptFor.get(id);
    return keepFor === undefined ? undefined : this.#entries.get(keepFor)?.get(id);
  }

  #write(id: string, session: StoredSession, bytes: number, keepFor: number): number {
    const entries = this.#entries.get(keepFor) ?? new Map<string, Entry>();
    entries.set(id, { ...session, bytes, keepFor, expiresAt: this.#clock.now() + keepFor });
    this.#entries.set(keepFor, entries);
    this.#keptFor.set(id, keepFor);
    this.#bytes += bytes;
    const { revision } = session;
    for (const changed of [...(this.#watchers.get(id) ?? [])]) changed(revision);
    return revision;
  }

  #drop(id: string, { bytes, keepFor }: Entry): void {
    const entries = this.#entries.get(keepFor);
    entries?.delete(id);
    if (entries?.size === 0) this.#entries.delete(keepFor);
    this.#keptFor.delete(id);
    this.#bytes -= bytes;
  }

  /** Drops what has expired. */
  #expire(): void {
    const now = this.#clock.now();
    for (const entries of this.#entries.values()) {
      for (const [id, entry] of entries) {
        if (entry.expiresAt > now) break;
        this.#drop(id, entry);
        this.#expired.add(id);
      }
    }
  }
}

/** Bytes of the first `count` messages. */
function bytesOf(messages: readonly Uint8Array[], count: number): number {
  let bytes = 0;
  for (let i = 0; i < count; i++) bytes += (messages[i] as Uint8Array).length;
  return bytes;
}

/**
 * A store in memory, for one process; several servers of that process may share it.
 *
 * It answers at once. Sessions expire by its clock, and are dropped with the next call; it sets no timer. A session that it has no
 * room for is refused, and one whose messages it has no room for ends: with a `ResumeError` of the kind `full`.
 *
 * @param options see {@link MemoryResumeStoreOptions}.
 * @throws OptionError if an option is invalid; `error.option` names it.
 */
export function memoryResumeStore(options: MemoryResumeStoreOptions = {}): ResumeStore {
  checkOptions(options, CHECKS);
  return new MemoryStore(options);
}
