// Compiles the programs of a soak.

import { fileURLToPath } from 'node:url';
import { type BuildOptions, build } from 'esbuild';
import { PLAIN_NODE } from '../plain-node.ts';

const HERE = fileURLToPath(new URL('./programs', import.meta.url));
/** Under dist, so that `rxkcp` is what a user of the package would get. */
const OUT = fileURLToPath(new URL('../../dist/bench/soak', import.meta.url));

/** @returns the folder of the programs. @param options where specs have them put, and what `rxkcp` is there. */
export async function compilePrograms(options: BuildOptions = {}): Promise<string> {
  const outdir = options.outdir ?? OUT;
  await build({
    entryPoints: ['server', 'worker', 'client'].map((name) => `${HERE}/${name}.ts`),
    ...PLAIN_NODE,
    ...options,
    outdir,
  });
  return outdir;
}
