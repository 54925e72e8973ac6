// Compiles bench/endpoints.

import { readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { PLAIN_NODE } from './plain-node.ts';

const HERE = fileURLToPath(new URL('./endpoints', import.meta.url));
const OUT = fileURLToPath(new URL('../dist/bench', import.meta.url));

/** Under dist, so that `rxkcp` is what a user of the package would get. */
export async function compileEndpoints(): Promise<void> {
  // What is in folders is part of them.
  const names = (await readdir(HERE)).filter((name) => name.endsWith('.ts'));
  await build({
    entryPoints: names.map((name) => `${HERE}/${name}`),
    outdir: OUT,
    ...PLAIN_NODE,
  });
}
