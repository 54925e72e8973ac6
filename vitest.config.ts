import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** What takes longest begins first: conversations over real networks, most of whose time is waiting. */
class InteropFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const isInterop = ({ moduleId }: TestSpecification): boolean => moduleId.startsWith(here('spec/interop/'));
    return [...sorted.filter(isInterop), ...sorted.filter((file) => !isInterop(file))];
  }
}

/** Another copy of RxJS to run the specs with: the name of a package (see `npm run test:rxjs8`), or a folder. */
const { RXKCP_RXJS: rxjs } = process.env;
const otherRxjs =
  rxjs === undefined
    ? []
    : [{ find: /^rxjs(?=$|\/)/, replacement: dirname(createRequire(import.meta.url).resolve(`${rxjs}/package.json`)) }];

export default defineConfig({
  resolve: {
    // Specs run the sources, never dist.
    alias: [
      ...otherRxjs,
      { find: /^rxkcp$/, replacement: here('src/index.ts') },
      { find: /^rxkcp\/operators$/, replacement: here('operators/index.ts') },
      { find: /^rxkcp\/core$/, replacement: here('src/core/index.ts') },
      { find: /^rxkcp\/testing$/, replacement: here('src/testing/index.ts') },
      { find: /^rxkcp\/streams$/, replacement: here('src/streams/index.ts') },
      { find: /^rxkcp\/adapters$/, replacement: here('src/adapters/index.ts') },
      { find: /^rxkcp\/mux$/, replacement: here('src/mux/index.ts') },
      { find: /^rxkcp\/resume$/, replacement: here('src/resume/index.ts') },
      { find: /^rxkcp\/node$/, replacement: here('src/streams/node/index.ts') },
      { find: /^#fast-ciphers$/, replacement: here('src/core/crypto/node/index.ts') },
      { find: /^#fec-product$/, replacement: here('src/core/fec/node/index.ts') },
      { find: /^#bundling$/, replacement: here('src/arq/bundling/automatic.ts') },
      { find: /^#controller$/, replacement: here('src/arq/controller/automatic.ts') },
      { find: /^#disposal$/, replacement: here('src/session/disposal/automatic.ts') },
      { find: /^#rebinding$/, replacement: here('src/session/rebinding/automatic.ts') },
      { find: /^#memory$/, replacement: here('src/bytes/fresh/unzeroed.ts') },
      { find: /^#udp$/, replacement: here('src/link/udp/index.ts') },
    ],
  },
  test: {
    include: ['spec/**/*-spec.ts'],
    exclude: ['**/node_modules/**', 'spec/interop/peers/**'],
    // Types are checked, not run.
    typecheck: { enabled: true, include: ['spec/types/*.types.ts'], tsconfig: here('spec/types/tsconfig.json') },
    pool: 'forks',
    // One more than there are cores, for those that wait.
    maxWorkers: availableParallelism() + 1,
    sequence: { sequencer: InteropFirst },
    // No test takes long where there is nothing else to do. Elsewhere it may take thirty times as long; only what hangs fails.
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
