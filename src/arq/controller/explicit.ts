// #controller elsewhere: a session has the one that it is given, so that a page has no more than it uses.

import { ensure, isFunction } from '../../check.ts';
import type { Controlling } from '../../core/congestion/congestion-control.ts';

/** @throws OptionError */
export function requireController(option: string, value: unknown): Controlling | undefined {
  if (value === false || value === 'none') return undefined;
  return ensure(option, value, isFunction((value as Partial<Controlling> | null)?.control), 'what controlling returns');
}

/** @throws OptionError if the mode wants kcp-go's congestion window. */
export function controllerOf(nc: boolean): undefined {
  ensure('mode.nc', nc, nc, "true; for kcp-go's congestion window: controller: kcpWindow");
}
