// Arguments of flags, as commander wants them parsed: what is wrong is said in a sentence.

import { InvalidArgumentError } from 'commander';
import type { FecShape } from 'rxkcp';

/** Data and parity packets of a group. */
const GROUP_MAX = 256;

export function number(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() !== '' && value >= min && value <= max) return value;
    throw new InvalidArgumentError(`It must be a number from ${min} to ${max}.`);
  };
}

export function integer(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() !== '' && Number.isInteger(value) && value >= min && value <= max) return value;
    throw new InvalidArgumentError(`It must be an integer from ${min} to ${max}.`);
  };
}

/** `10/3`: packets of data and of parity in a group. */
export function shape(text: string): FecShape {
  const [data = 0, parity = 0] = /^\d+\/\d+$/.test(text) ? text.split('/').map(Number) : [];
  if (data > 0 && parity > 0 && data + parity <= GROUP_MAX) return { data, parity };
  throw new InvalidArgumentError(`It must be two integers from 1, 10/3 for instance, together at most ${GROUP_MAX}.`);
}
