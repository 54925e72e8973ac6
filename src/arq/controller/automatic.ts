// #controller on Node: by name, too.

import { ensure, isFunction } from '../../check.ts';
import type { Controlling } from '../../core/congestion/congestion-control.ts';
import { controlling } from '../../core/congestion/controlled.ts';
import type { Controller, ControllerFactory } from '../../core/congestion/controller.ts';
import { cubic } from '../../core/congestion/cubic.ts';
import { kcpWindow } from '../../core/congestion/kcp-window.ts';
import { model } from '../../core/congestion/model.ts';

const KINDS: Readonly<Record<string, Controlling | undefined>> = {
  none: undefined,
  kcp: kcpWindow,
  cubic: /* @__PURE__ */ controlling(cubic),
  model: /* @__PURE__ */ controlling(model),
};

/** What `value` stands for. @throws OptionError */
export function requireController(option: string, value: unknown): Controlling | undefined {
  if (value === false) return undefined;
  if (isFunction(value)) return controlling(value as ControllerFactory);
  if (typeof value === 'object' && value !== null) {
    if (isFunction((value as Partial<Controlling>).control)) return value as Controlling;
    const { onAcked, onLost } = value as Partial<Controller>;
    if (isFunction(onAcked) && isFunction(onLost)) return controlling(once(option, value as Controller));
  }
  const isKind = typeof value === 'string' && Object.hasOwn(KINDS, value);
  const range = `one of ${Object.keys(KINDS).join(', ')}, a Controller, or a function that makes one for each session`;
  return KINDS[ensure<string>(option, value, isKind, range)];
}

export { requireBoolean as requireNc } from '../../check.ts';

/** Of a mode: kcp-go's congestion window, or none. */
export function controllerOf({ nc }: { readonly nc: boolean }): Controlling | undefined {
  return nc ? undefined : kcpWindow;
}

/** A controller knows one path: it serves one session. */
function once(option: string, controller: Controller): ControllerFactory {
  let isTaken = false;
  return () => {
    ensure(option, controller, !isTaken, 'of one session only: give a function that makes one for each');
    isTaken = true;
    return controller;
  };
}
