// What both ends of a resumable session can be configured with, without what drives them.

import { type Checks, checked, checkOptions, integer } from '../../check.ts';

/** Settings of one end. The ends may differ, except in `maxMessageSize`. */
export interface ResumeCoreOptions {
  /** Messages that may wait for the peer's acknowledgment or for its window, 1 … 1048576. Default 8192. */
  maxMessages?: number | undefined;
  /** Bytes of those, 1 … 2^53 − 1; one message may always wait. Default 4 MiB. */
  maxBytes?: number | undefined;
  /** Messages that the peer may send ahead of what was consumed here, 1 … 1048576. Default 4096. */
  windowMessages?: number | undefined;
  /** Bytes of those, 1 … 2^53 − 1; one message may always be sent. Default 1 MiB. */
  windowBytes?: number | undefined;
  /** Most bytes of a message, 1 … 16777216. Same value at both ends. Default 65536. */
  maxMessageSize?: number | undefined;
  /** Most ms that an acknowledgment waits for a message to travel with, 0 … 10000. Default 20. */
  ackDelay?: number | undefined;
}

/** The same, complete. */
export type ResumeSettings = { readonly [K in keyof ResumeCoreOptions]-?: NonNullable<ResumeCoreOptions[K]> };

const CHECKS = {
  maxMessages: /* @__PURE__ */ integer(1, 1 << 20),
  maxBytes: /* @__PURE__ */ integer(1, Number.MAX_SAFE_INTEGER),
  windowMessages: /* @__PURE__ */ integer(1, 1 << 20),
  windowBytes: /* @__PURE__ */ integer(1, Number.MAX_SAFE_INTEGER),
  maxMessageSize: /* @__PURE__ */ integer(1, 1 << 24),
  ackDelay: /* @__PURE__ */ integer(0, 10_000),
} satisfies Checks<ResumeCoreOptions>;

/** Names of all options of one end. */
export const RESUME_CORE_NAMES: Readonly<Record<keyof ResumeCoreOptions, unknown>> = CHECKS;

const DEFAULTS: ResumeSettings = {
  maxMessages: 8192,
  maxBytes: 4 * 1024 * 1024,
  windowMessages: 4096,
  windowBytes: 1024 * 1024,
  maxMessageSize: 65_536,
  ackDelay: 20,
};

/** @throws OptionError if an option is invalid; `error.option` names it. */
export function resumeSettings(options: ResumeCoreOptions = {}): ResumeSettings {
  checkOptions(options, CHECKS);
  return { ...DEFAULTS, ...checked(options, CHECKS) };
}
