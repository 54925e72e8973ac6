// What may become of a request.

import { RxkcpError } from '../errors.ts';
import { describe } from './describe.ts';

/** A request was not answered within its timeout. */
export class RequestTimeoutError extends RxkcpError {
  /** The id of the request. */
  declare readonly id: unknown;
  /** The timeout in force, ms. */
  declare readonly timeout: number;

  constructor(id: unknown, timeout: number) {
    super('ERR_REQUEST_TIMEOUT', `request ${describe(id)} was not answered within ${timeout} ms`, { id, timeout });
  }
}

/** The session ended without an error before a request was answered. */
export class RequestUnansweredError extends RxkcpError {
  /** The id of the request. */
  declare readonly id: unknown;

  constructor(id: unknown) {
    super('ERR_REQUEST_UNANSWERED', `the session ended before request ${describe(id)} was answered`, { id });
  }
}

/** A request was not sent: one with the same id is in flight, or too many are. */
export class RequestRefusedError extends RxkcpError {
  /** The id of the request. */
  declare readonly id: unknown;

  constructor(id: unknown, why: string) {
    super('ERR_REQUEST_REFUSED', `request ${describe(id)} was not sent: ${why}`, { id });
  }
}
