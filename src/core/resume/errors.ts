// Every way in which a resumable session ends without being completed.

import { RxkcpError } from '../../errors.ts';

/**
 * Why a resumable session cannot continue.
 *
 * - `unknown`: the server has no session with this token.
 * - `expired`: the session was without a connection for longer than `expireAfter`.
 * - `cap`: more than `maxMessages` or `maxBytes` are not acknowledged.
 * - `forked`: another connection showed the same token later, or this one showed a token of the past.
 * - `violation`: the peer broke the protocol of this layer, or speaks another one.
 * - `left`: the peer closed the session before all of its messages had arrived.
 * - `full`: the server, or its store, has as many sessions as it may have.
 * - `store`: the store of the server failed; `cause` has its error.
 * - `unreachable`: the client gave up dialing (`giveUp`); `cause` has the last error.
 */
export type ResumeErrorKind =
  | 'unknown'
  | 'expired'
  | 'cap'
  | 'forked'
  | 'violation'
  | 'left'
  | 'full'
  | 'store'
  | 'unreachable';

const CODES: Readonly<Record<ResumeErrorKind, string>> = {
  unknown: 'ERR_RESUME_UNKNOWN',
  expired: 'ERR_RESUME_EXPIRED',
  cap: 'ERR_RESUME_CAP',
  forked: 'ERR_RESUME_FORKED',
  violation: 'ERR_RESUME_VIOLATION',
  left: 'ERR_RESUME_LEFT',
  full: 'ERR_RESUME_FULL',
  store: 'ERR_RESUME_STORE',
  unreachable: 'ERR_RESUME_UNREACHABLE',
};

/** A resumable session cannot continue. What was not acknowledged may be lost; nothing was delivered twice or out of order. */
export class ResumeError extends RxkcpError {
  /** What happened. */
  declare readonly kind: ResumeErrorKind;

  constructor(kind: ResumeErrorKind, why: string, options?: ErrorOptions) {
    super(CODES[kind], `the session cannot be resumed: ${why}`, { kind, ...options });
  }
}

/** The peer broke the protocol. */
export function violation(why: string): ResumeError {
  return new ResumeError('violation', `the peer broke the protocol: ${why}`);
}
