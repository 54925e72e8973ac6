// What a server keeps of a session, and where.

/** What the servers of a session know of it, but for its messages. */
export interface ResumeRecord {
  /** What its client has to show, 16 bytes. Who has it, and the id, can take the session over. */
  readonly secret: Uint8Array;
  /** Of the last connection, from 1. */
  readonly epoch: number;
  /** Largest epoch that the client has shown to know: a hello with a smaller one is a replay. */
  readonly confirmed: number;
  /** Number of the last message of the client that was consumed. */
  readonly received: number;
  /** Whether that was the end of its messages. */
  readonly isPeerFinished: boolean;
  /** Number of the last message to the client that it has acknowledged, as far as it was written. */
  readonly acked: number;
  /** Number of the last message to the client. */
  readonly sent: number;
  /** Whether that is the end of them. */
  readonly isFinished: boolean;
  /** Whether the session has ended. It is kept for a while, for a client that was not reached. */
  readonly isOver: boolean;
}

/** A record, with what changes each time that it is written. */
export interface StoredSession {
  /** The record as it was written last. */
  readonly record: ResumeRecord;
  /** Which writing that was. */
  readonly revision: number;
  /** The messages to the client with the numbers `record.acked + 1` to `record.sent`. An empty one is the end of them. */
  readonly messages: readonly Uint8Array[];
}

/**
 * Where the servers of a fleet keep sessions. Each method may answer at once or with a promise; a store that answers at once can be driven by
 * virtual time. What a method throws, or rejects with, ends the session at this server with a `ResumeError` of the kind `store`.
 *
 * `update` is a compare-and-swap: it fences a server that only seemed dead. Nothing leaves, and nothing is acknowledged, that was
 * not written before.
 */
export interface ResumeStore {
  /**
   * Writes a record with an id that the store does not have.
   *
   * @param id 32 hexadecimal digits.
   * @param keepFor ms after which the store may drop the session, unless it is written again.
   * @returns its revision; undefined if the id exists.
   */
  create(id: string, record: ResumeRecord, keepFor: number): number | undefined | PromiseLike<number | undefined>;
  /** @returns the session; `expired` if it was dropped after `keepFor`, as far as the store remembers; undefined if there is none. */
  read(id: string): StoredSession | 'expired' | undefined | PromiseLike<StoredSession | 'expired' | undefined>;
  /**
   * Writes a record if the session is still at `revision`, drops the messages up to `record.acked`, and appends `messages`.
   *
   * @param messages those behind `sent` of the record before, up to `record.sent`. They are not written to any more.
   * @returns the next revision; undefined if the session is at another one, or gone.
   */
  update(
    id: string,
    revision: number,
    record: ResumeRecord,
    messages: readonly Uint8Array[],
    keepFor: number,
  ): number | undefined | PromiseLike<number | undefined>;
  /** Drops a session if it is still at `revision`. */
  remove(id: string, revision: number): void | PromiseLike<void>;
  /**
   * Calls `changed` with each revision of the session, until the returned function is called. With it, a server ends a session at once when another
   * one has taken it over, and delivers nothing of it any more. Without it, a server learns of that when it next writes: a message that
   * was unread there may then be delivered at both.
   */
  watch?(id: string, changed: (revision: number) => void): () => void;
}
