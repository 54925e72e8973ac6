// What a farewell of the peer means.

import { ResumeError } from '../core/resume/errors.ts';

/** The error of a session, or of a connection, whose peer has left for `reason`. */
export function refusal(reason: string): ResumeError {
  switch (reason) {
    case 'unknown':
      return new ResumeError('unknown', 'the server does not know it');
    case 'expired':
      return new ResumeError('expired', 'the server has dropped it after expireAfter');
    case 'forked':
      return new ResumeError('forked', 'another connection has shown its token');
    case 'full':
      return new ResumeError('full', 'the server has as many sessions as it may have');
    case 'violation':
      return new ResumeError('violation', 'the peer says that this end broke the protocol, or speaks another version');
    default:
      return new ResumeError('left', 'the peer closed it before it began');
  }
}
