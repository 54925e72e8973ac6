// #bundling elsewhere: a session bundles what it is given, so that a page has no more than it uses.

import { requireFunction } from '../../check.ts';
import type { Bundling } from '../../core/kcp/bundle.ts';

/** `options` of a session with its default for `bundle`: none. (A bundler leaves the call out.) */
export function withBundle<T>(options: T): T {
  return options;
}

/** @throws OptionError */
export function requireBundle(option: string, value: unknown): Bundling | false {
  return value !== false && requireFunction(option, value);
}
