// The sources as one script, for where a spec cannot import them: pages, workers, threads.

import { fileURLToPath } from 'node:url';
import { type BuildOptions, build, type Metafile } from 'esbuild';

const root = fileURLToPath(new URL('../..', import.meta.url));

export interface Bundle {
  readonly code: string;
  readonly metafile: Metafile;
}

interface BundleOptions {
  /** What is not to be in it. */
  readonly external?: string[];
  /** Default: `esm`. */
  readonly format?: 'esm' | 'cjs';
}

/** Bundles a program as for a browser: what `imports` of package.json has for `default`, and nothing of Node. */
export function bundleForBrowser(program: string, options: BundleOptions = {}): Promise<Bundle> {
  return bundle(program, {
    platform: 'browser',
    alias: {
      '#udp': `${root}src/link/udp/unavailable.ts`,
      '#fast-ciphers': `${root}src/core/crypto/portable-only.ts`,
      '#fec-product': `${root}src/core/fec/fast-product.ts`,
      '#bundling': `${root}src/arq/bundling/explicit.ts`,
      '#controller': `${root}src/arq/controller/explicit.ts`,
      '#disposal': `${root}src/session/disposal/none.ts`,
      '#rebinding': `${root}src/session/rebinding/none.ts`,
      '#memory': `${root}src/bytes/fresh/zeroed.ts`,
    },
    ...options,
  });
}

/** Bundles a program as for Node. Packages stay outside. */
export function bundleForNode(program: string, language: 'ts' | 'js'): Promise<Bundle> {
  return bundle(program, {
    platform: 'node',
    packages: 'external',
    // package.json says that files have no side effects; programs have some.
    ignoreAnnotations: true,
    alias: {
      '#udp': `${root}src/link/udp/index.ts`,
      '#fast-ciphers': `${root}src/core/crypto/node/index.ts`,
      '#fec-product': `${root}src/core/fec/node/index.ts`,
      '#bundling': `${root}src/arq/bundling/automatic.ts`,
      '#controller': `${root}src/arq/controller/automatic.ts`,
      '#disposal': `${root}src/session/disposal/automatic.ts`,
      '#rebinding': `${root}src/session/rebinding/automatic.ts`,
      '#memory': `${root}src/bytes/fresh/unzeroed.ts`,
    },
    stdin: { contents: program, resolveDir: root, loader: language },
  });
}

async function bundle(program: string, { alias, ...options }: BuildOptions): Promise<Bundle> {
  const { outputFiles, metafile } = await build({
    absWorkingDir: root,
    stdin: { contents: program, resolveDir: root, loader: 'ts' },
    bundle: true,
    format: 'esm',
    target: 'es2022',
    logLevel: 'warning',
    ...options,
    alias: {
      rxkcp: `${root}src/index.ts`,
      'rxkcp/adapters': `${root}src/adapters/index.ts`,
      'rxkcp/mux': `${root}src/mux/index.ts`,
      'rxkcp/node': `${root}src/streams/node/index.ts`,
      'rxkcp/operators': `${root}operators/index.ts`,
      'rxkcp/resume': `${root}src/resume/index.ts`,
      'rxkcp/testing': `${root}src/testing/index.ts`,
      'rxkcp/streams': `${root}src/streams/index.ts`,
      ...alias,
    },
    write: false,
    metafile: true,
  });
  return { code: outputFiles[0]?.text ?? '', metafile };
}
