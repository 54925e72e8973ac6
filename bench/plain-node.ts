// How programs of the bench are compiled: what is measured runs in plain Node, without a loader.

import type { BuildOptions } from 'esbuild';

export const PLAIN_NODE = {
  bundle: true,
  packages: 'external',
  platform: 'node',
  format: 'esm',
  target: 'node20',
  logLevel: 'error',
} as const satisfies BuildOptions;
