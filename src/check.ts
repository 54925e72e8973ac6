// Checks of what a caller hands over, each of which names what was wrong.

import { OptionError } from './errors.ts';

export function requireInteger(option: string, value: unknown, min: number, max: number): number {
  if (Number.isInteger(value) && (value as number) >= min && (value as number) <= max) return value as number;
  throw new OptionError(option, value, `an integer from ${min} to ${max}`);
}

export function requireBoolean(option: string, value: unknown): boolean {
  if (typeof value === 'boolean') return value;
  throw new OptionError(option, value, 'true or false');
}

export function requireFunction(option: string, value: unknown): void {
  if (typeof value !== 'function') throw new OptionError(option, value, 'a function');
}

export function requireObject(option: string, value: unknown): void {
  if (typeof value !== 'object' || value === null) throw new OptionError(option, value, 'an object');
}
