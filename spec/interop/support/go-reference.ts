// kcp-go's own control block on a virtual clock (../peers/go/README.md, program `reference`).

import { spawnSync } from 'node:child_process';
import { goProgram } from './go-build.ts';

export type Operation = { readonly op: string; readonly [member: string]: unknown };

export interface Reply {
  readonly ret: number;
  readonly packets: string[] | null;
  readonly next?: number;
  readonly hex?: string;
  readonly error?: string;
}

/** Carries out `operations` one after another, each on the state the last one left. */
export function runReference(operations: readonly Operation[]): Reply[] {
  const input = operations.map((operation) => JSON.stringify(operation)).join('\n');
  const { stdout, stderr, status } = spawnSync(goProgram('reference'), { input, maxBuffer: 2 ** 30, encoding: 'utf8' });
  if (status !== 0) throw new Error(`reference ended with ${status}: ${stderr}`);
  const lines = stdout.trimEnd().split('\n');
  return lines.map((line) => JSON.parse(line));
}
