// The sources as one script, for where a spec cannot import them: pages, workers, threads.

import { fileURLToPath } from 'node:url';
import { build, type Metafile } from 'esbuild';

const root = fileURLToPath(new URL('../..', import.meta.url));

export interface Bundle {
  readonly code: string;
  readonly metafile: Metafile;
}

interface BundleOptions {
  /** What is not to be in it. */
  readonly external?: string[];
  readonly minify?: boolean;
  /** Default: `esm`. */
  readonly format?: 'esm' | 'cjs';
}

/** Bundles a program as for a browser: what `imports` of package.json has for `default`, and nothing of Node. */
export async function bundleForBrowser(program: string, options: BundleOptions = {}): Promise<Bundle> {
  const { outputFiles, metafile } = await build({
    absWorkingDir: root,
    stdin: { contents: program, resolveDir: root, loader: 'ts' },
    alias: {
      rxkcp: `${root}src/index.ts`,
      'rxkcp/operators': `${root}operators/index.ts`,
      'rxkcp/testing': `${root}src/testing/index.ts`,
      'rxkcp/streams': `${root}src/streams/index.ts`,
      '#udp': `${root}src/link/udp-unavailable.ts`,
      '#fast-ciphers': `${root}src/crypto/portable-only.ts`,
    },
    bundle: true,
    write: false,
    metafile: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    logLevel: 'warning',
    ...options,
  });
  return { code: outputFiles[0]?.text ?? '', metafile };
}
