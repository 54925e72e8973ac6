// What a work needs to know of the run it belongs to.

import { fileURLToPath } from 'node:url';
import type { Subject } from './work.ts';

/** A program to start: what is put before its arguments. */
export type Command = readonly [program: string, ...args: string[]];

export interface Bench {
  /** Length of a work that measures a state instead of an amount of work, in s. */
  readonly seconds: number;
  /** Sessions of a work that is about their number. */
  readonly sessions: number;
  /** The subject's program `name`: peers have the same programs, with the same flags and events. */
  command(
    subject: Subject,
    name: 'peer' | 'flush' | 'crypt' | 'fec' | 'simulate',
    nodeFlags?: readonly string[],
  ): Command;
}

/** A program of the bench, compiled by endpoints.ts. */
export function nodeCommand(name: string, nodeFlags: readonly string[] = []): Command {
  return [process.execPath, ...nodeFlags, fileURLToPath(new URL(`../dist/bench/${name}.js`, import.meta.url))];
}
