// What loading the package costs a program that has RxJS: starts of Node, in turn with and without it.

import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Work } from '../work.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** Starts of each in a run. */
const STARTS = 15;

export const loading: Work = {
  name: 'import',
  subjects: ['rxkcp'],
  async run() {
    const without: number[] = [];
    const both: number[] = [];
    for (let i = 0; i < STARTS; i++) {
      without.push(start("import 'rxjs'"));
      both.push(start("import 'rxjs'; import 'rxkcp'"));
    }
    return [
      { unit: 'ms more than rxjs', value: median(both) - median(without) },
      { unit: 'ms, rxjs alone', value: median(without) },
    ];
  },
};

/** ms from start to end of a program, from within the package, whose name leads to dist there. */
function start(program: string): number {
  const begin = performance.now();
  const { status, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', program], { cwd: ROOT });
  if (status !== 0) throw new Error(`${program}: ${stderr}`);
  return performance.now() - begin;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}
