// Compiles bench/endpoints: what is measured runs in plain Node, without a loader beside it.

import { readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const HERE = fileURLToPath(new URL('./endpoints', import.meta.url));
const OUT = fileURLToPath(new URL('../dist/bench', import.meta.url));

/** Under dist, so that `rxkcp` is what a user of the package would get. */
export async function compileEndpoints(): Promise<void> {
  // What is in folders is part of them.
  const names = (await readdir(HERE)).filter((name) => name.endsWith('.ts'));
  await build({
    entryPoints: names.map((name) => `${HERE}/${name}`),
    outdir: OUT,
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    target: 'node20',
    logLevel: 'error',
  });
}
