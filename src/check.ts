// Checks of what a caller hands over. Each failure is an `OptionError` that names the option, its value and what is allowed.

import { OptionError, UnknownOptionError } from './errors.ts';

/** The names of all options in `T`: an object literal of this type does not compile when one is missing. */
export type OptionNames<T> = Readonly<Record<T extends unknown ? keyof T : never, unknown>>;

type Names = Readonly<Record<string, unknown>>;

/** Checks the value of an option. Returns it, or what it stands for. @throws OptionError */
export type Check<T> = (option: string, value: unknown) => T;

/** A check for each option in `T`: an object literal that satisfies this does not compile when one is missing. */
export type Checks<T> = { readonly [K in keyof T]-?: Check<T[K]> };

/**
 * Checks that `options` is an object with options of those `names` only.
 *
 * @param fixed options that can be set when a session is made, and not by this call.
 * @param path of `options` among other options, for errors.
 * @throws OptionError
 */
export function checkOptions(options: unknown, names: Names, fixed: Names = {}, path = ''): void {
  requireObject(path || 'options', options);
  for (const [name, value] of Object.entries(options as object)) {
    if (value === undefined || Object.hasOwn(names, name)) continue;
    if (Object.hasOwn(fixed, name)) {
      throw new OptionError(name, value, 'set when the session is made, not while it runs');
    }
    const prefix = path && `${path}.`;
    const nearest = nearestOf(name, Object.keys(names));
    throw new UnknownOptionError(prefix + name, value, nearest && prefix + nearest);
  }
}

/** Those of `options` that are set and have one of `checks`, as that returns them. @throws OptionError */
export function checked<C extends Readonly<Record<string, Check<unknown>>>>(
  options: { readonly [K in keyof C]?: unknown },
  checks: C,
): { [K in keyof C]?: ReturnType<C[K]> } {
  const values: Record<string, unknown> = {};
  for (const [name, check] of Object.entries(checks)) {
    const value = options[name];
    if (value !== undefined) values[name] = check(name, value);
  }
  return values as { [K in keyof C]?: ReturnType<C[K]> };
}

/** A copy of `value`, an object that has to have each option of `checks`, and no others. @throws OptionError */
export function requireAll<T extends object>(option: string, value: unknown, checks: Checks<T>): T {
  checkOptions(value, checks, {}, option);
  const all = {} as T;
  for (const name in checks) all[name] = checks[name](`${option}.${name}`, (value as T)[name]);
  return all;
}

/** Returns `value` if it `isRight`. @throws OptionError @param range what would be right, in words. */
export function ensure<T>(option: string, value: unknown, isRight: boolean, range: string): T {
  if (isRight) return value as T;
  throw new OptionError(option, value, range);
}

export function requireInteger(option: string, value: unknown, min: number, max: number): number {
  const isRight = Number.isInteger(value) && (value as number) >= min && (value as number) <= max;
  return ensure(option, value, isRight, `an integer from ${min} to ${max}`);
}

/** {@link requireInteger} with a range. */
export function integer(min: number, max: number): Check<number> {
  return (option, value) => requireInteger(option, value, min, max);
}

export function requireBoolean(option: string, value: unknown): boolean {
  return ensure(option, value, typeof value === 'boolean', 'true or false');
}

export function requireFunction<T>(option: string, value: unknown): T {
  return ensure(option, value, isFunction(value), 'a function');
}

export function isFunction(value: unknown): boolean {
  return typeof value === 'function';
}

export function requireObservable(option: string, value: unknown): void {
  ensure(option, value, isFunction((value as { subscribe?: unknown } | null)?.subscribe), 'an Observable');
}

export function requireObject(option: string, value: unknown): void {
  ensure(option, value, !!value && typeof value === 'object', 'an object');
}

/** The one of `names` that shares most pairs of neighboring letters with `name`; undefined when none shares enough. */
function nearestOf(name: string, names: readonly string[]): string | undefined {
  const wanted = pairsOf(name);
  let nearest: string | undefined;
  let most = 0.4;
  for (const candidate of names) {
    const pairs = pairsOf(candidate);
    const shared = wanted.filter((pair) => pairs.includes(pair)).length;
    const likeness = (2 * shared) / (wanted.length + pairs.length);
    if (likeness < most) continue;
    nearest = candidate;
    most = likeness;
  }
  return nearest;
}

/** Pairs of neighboring letters, the first and the last one with a blank. */
function pairsOf(name: string): string[] {
  const letters = ` ${name.toLowerCase()} `;
  return Array.from({ length: letters.length - 1 }, (_, i) => letters.slice(i, i + 2));
}
