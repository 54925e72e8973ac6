// #controller on Node: by name, too; and what a controller can set by itself.

import { ensure, integer, isFunction, requireBoolean } from '../../check.ts';
import type { Controlling } from '../../core/congestion/congestion-control.ts';
import { controlling } from '../../core/congestion/controlled.ts';
import type { Controller, ControllerFactory } from '../../core/congestion/controller.ts';
import { cubic } from '../../core/congestion/cubic.ts';
import { kcpWindow } from '../../core/congestion/kcp-window.ts';
import { model } from '../../core/congestion/model.ts';
import { MODES, type ModeParameters } from '../modes.ts';

const MODEL = /* @__PURE__ */ controlling(model);
const KINDS: Readonly<Record<string, Controlling | false>> = {
  none: false,
  kcp: kcpWindow,
  cubic: /* @__PURE__ */ controlling(cubic),
  model: MODEL,
};

/** A mode, and what else a preset sets. */
interface Preset extends ModeParameters {
  readonly controller?: Controlling;
  readonly sendWindow?: number;
}

/** Of `sendWindow`, until all settings are known: the controller says. */
const AUTO = 'auto' as unknown as number;
/** Until it does. */
const AUTO_FIRST = 32;

export const PRESETS: Readonly<Record<string, Preset> & typeof MODES> = {
  ...MODES,
  bulk: { ...MODES.fast3, controller: MODEL, sendWindow: AUTO },
};

const segments = /* @__PURE__ */ integer(1, 65_535);

/** What `value` stands for. @throws OptionError */
export function requireController(option: string, value: unknown): Controlling | false {
  if (value === false) return false;
  if (isFunction(value)) return controlling(value as ControllerFactory);
  if (typeof value === 'object' && value !== null) {
    if (isFunction((value as Partial<Controlling>).control)) return value as Controlling;
    const { onAcked, onLost } = value as Partial<Controller>;
    if (isFunction(onAcked) && isFunction(onLost)) return controlling(once(option, value as Controller));
  }
  const isKind = typeof value === 'string' && Object.hasOwn(KINDS, value);
  const range = `one of ${Object.keys(KINDS).join(', ')}, a Controller, or a function that makes one for each session`;
  return KINDS[ensure<string>(option, value, isKind, range)] as Controlling | false;
}

/** @throws OptionError */
export function requireSendWindow(option: string, value: unknown): number {
  return value === AUTO ? AUTO : segments(option, value);
}

export { requireBoolean as requireNc };

/** Of a mode: what a preset has, or kcp-go's congestion window, or none. */
export function controllerOf({ nc, controller }: Preset): Controlling | undefined {
  return controller ?? (nc ? undefined : kcpWindow);
}

/** `settings` with what depends on several of them. @throws OptionError */
export function settled<T extends { sendWindow?: number; controller?: Controlling | false | undefined }>(
  settings: T,
): T {
  const { controller } = settings;
  if (settings.sendWindow !== AUTO) return settings;
  const own = controller ? controller.withOwnWindow : undefined;
  ensure(
    'sendWindow',
    'auto',
    own !== undefined,
    "an integer from 1 to 65535, or 'auto' with a controller that is neither 'none' nor 'kcp' (mode 'bulk' sets 'auto')",
  );
  return { ...settings, sendWindow: AUTO_FIRST, controller: own };
}

/** Controllers that serve a session, or have served one. */
const taken = /* @__PURE__ */ new WeakSet<Controller>();

/** A controller knows one path: it serves one session. */
function once(option: string, controller: Controller): ControllerFactory {
  return () => {
    ensure(option, controller, !taken.has(controller), 'of one session only: give a function that makes one for each');
    taken.add(controller);
    return controller;
  };
}
