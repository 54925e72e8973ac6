// The shape of FEC groups, and what follows from it for the numbers of their shards.

import { checkOptions, type OptionNames, requireInteger } from '../../check.ts';

/** How many packets make a group, and how many of a group may be lost. */
export interface FecShape {
  /** Data shards of a group: packets that are protected together, 1 … 255. */
  readonly data: number;
  /** Parity shards of a group: packets sent in addition, 1 … 255. As many may be lost. With `data`, 256 at most. */
  readonly parity: number;
}

/** Shards of a group at most. */
export const GROUP_MAX = 256;

/** Groups whose shards can be numbered before seqids start again from 0. */
export function groupCount({ data, parity }: FecShape): number {
  return Math.floor(0xffff_ffff / (data + parity));
}

/** The first seqid that is not used, where seqids wrap (kcp-go fec.go, paws). */
export function seqidEnd(shape: FecShape): number {
  return groupCount(shape) * (shape.data + shape.parity);
}

const NAMES: OptionNames<FecShape> = { data: true, parity: true };

/** A copy of `value`, which later changes do not reach. @throws OptionError */
export function requireShape(option: string, value: unknown): FecShape {
  checkOptions(value, NAMES, {}, option);
  const { data, parity } = value as Partial<FecShape>;
  return {
    data: requireInteger(`${option}.data`, data, 1, GROUP_MAX - 1),
    parity: requireInteger(`${option}.parity`, parity, 1, GROUP_MAX - (data as number)),
  };
}
