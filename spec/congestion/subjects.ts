// What the rows compare: sessions under a controller, or a TCP twin.

import { InvalidArgumentError } from 'commander';
import type { SessionFlowOptions, TcpFlowOptions } from './types.ts';

/** A flow of the kind that is compared. */
export interface Subject {
  readonly name: string;
  /** @param window send window, in segments. Default: that of the subject. */
  flow(times?: { readonly startAt?: number; readonly window?: number }): SessionFlowOptions | TcpFlowOptions;
}

/** Names of all subjects. */
export const SUBJECTS = ['none', 'kcp', 'cubic', 'model', 'tcp-newreno', 'tcp-cubic'] as const;

/** Send window of those that fill any: kcp-go's own example for a fast line. */
const FLOODING_WINDOW = 1024;
const RECEIVE_WINDOW = 65_535;

function subjectOf(name: string): Subject {
  switch (name) {
    case 'tcp-newreno':
      return { name, flow: ({ startAt = 0 } = {}) => ({ kind: 'newreno', startAt }) };
    case 'tcp-cubic':
      return { name, flow: ({ startAt = 0 } = {}) => ({ kind: 'cubic', startAt }) };
    case 'none':
      return sessions(name, { mode: { nodelay: true, interval: 10, resend: 2, nc: true } }, FLOODING_WINDOW);
    case 'kcp':
      return sessions(name, { mode: { nodelay: true, interval: 10, resend: 2, nc: false } }, RECEIVE_WINDOW);
    case 'cubic':
    case 'model':
      return sessions(name, { mode: 'fast3', controller: name }, RECEIVE_WINDOW);
    default:
      throw new InvalidArgumentError(`It must be some of ${SUBJECTS.join(', ')}.`);
  }
}

function sessions(name: string, options: NonNullable<SessionFlowOptions['options']>, usual: number): Subject {
  return {
    name,
    flow: ({ startAt = 0, window = usual } = {}) => ({
      kind: 'session',
      startAt,
      options: { ...options, sendWindow: window, receiveWindow: RECEIVE_WINDOW },
    }),
  };
}

/** `none,kcp`: the subjects of these names. */
export function subjectsOf(names: string): Subject[] {
  return names.split(',').map((name) => subjectOf(name.trim()));
}
