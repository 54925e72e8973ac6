import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  resolve: {
    // Specs run the sources, never dist.
    alias: [
      { find: /^rxkcp$/, replacement: here('src/index.ts') },
      { find: /^rxkcp\/operators$/, replacement: here('operators/index.ts') },
      { find: /^rxkcp\/testing$/, replacement: here('src/testing/index.ts') },
      { find: /^rxkcp\/streams$/, replacement: here('src/streams/index.ts') },
      { find: /^rxkcp\/node$/, replacement: here('src/node/index.ts') },
      { find: /^#fast-ciphers$/, replacement: here('src/crypto/node/index.ts') },
      { find: /^#udp$/, replacement: here('src/link/udp.ts') },
    ],
  },
  test: {
    include: ['spec/**/*-spec.ts'],
    exclude: ['**/node_modules/**', 'spec/interop/peers/**'],
    // Types are checked, not run.
    typecheck: { enabled: true, include: ['spec/types/*.types.ts'], tsconfig: here('spec/types/tsconfig.json') },
    pool: 'forks',
    testTimeout: 20_000,
    hookTimeout: 20_000,
  },
});
