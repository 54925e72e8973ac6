// #controller elsewhere: a session has the one that it is given, so that a page has no more than it uses.

import { ensure, isFunction } from '../../check.ts';
import type { Controlling } from '../../core/congestion/congestion-control.ts';

/** @throws OptionError */
export function requireController(option: string, value: unknown): Controlling | undefined {
  if (!value || value === 'none') return undefined;
  return ensure(option, value, isFunction((value as Partial<Controlling>).control), 'made by controlling');
}

/** @throws OptionError if the mode wants kcp-go's congestion window. */
export function requireNc(option: string, value: unknown): boolean {
  return ensure(option, value, value === true, 'true, or controller: kcpWindow');
}

/** Of a mode: none. */
export function controllerOf(_mode: unknown): undefined {}
