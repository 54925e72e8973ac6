// What a newcomer copies: the programs of README, and examples. Each is bundled without the package, which it then has from node_modules.

import { join } from 'node:path';
import { build } from 'esbuild';
import { blocksOfDocuments } from '../support/code-blocks.ts';
import { ROOT, runToEnd } from './packed.ts';

interface Program {
  /** Its code, or the path of its file. */
  readonly source: { readonly code: string } | { readonly path: string };
  /** What it prints in the end, among other lines. */
  readonly prints: RegExp;
  readonly args?: readonly string[];
}

/** ms that a program may take. */
const MOST = 60_000;

const example = (name: string): Program['source'] => ({ path: `examples/${name}.ts` });

function programs(): ReadonlyMap<string, Program> {
  const blocks = blocksOfDocuments().filter(({ where }) => where.startsWith('README.md:'));
  const block = (part: string, more = ''): Program['source'] => {
    const found = blocks.find(({ code }) => code.includes(part));
    if (found === undefined) throw new Error(`README has no program with ${part}`);
    return { code: found.code.replace(/\b400(\d)\b/g, '2400$1') + more };
  };
  return new Map<string, Program>([
    ['README: quick start', { source: block('listen({'), prints: /^hello$/m }],
    ['README: virtual time', { source: block('transcript.hash'), prints: /virtual ms, \d+ events, hash/ }],
    ['README: marble test', { source: block('expectObservable', "console.log('as drawn');"), prints: /^as drawn$/m }],
    ['examples/chat.ts', { source: example('chat'), prints: /^Carol sees "Carol: What did I miss\?"$/m }],
    ['examples/comlink.ts', { source: example('comlink'), prints: /^then to 2, 4, 7$/m }],
    [
      'examples/file-transfer.ts',
      { source: example('file-transfer'), prints: /^has arrived, SHA-256 [0-9a-f]{64}$/m, args: ['smoke.mjs'] },
    ],
    ['examples/json-rpc.ts', { source: example('json-rpc'), prints: /^notes: remember the milk, stopped pondering$/m }],
    ['examples/trpc.ts', { source: example('trpc'), prints: /^divide: division by zero$/m }],
  ]);
}

/** Bundles all programs to `folder`. Returns what runs one by one, and tells of each why it failed, or nothing. */
export async function bundlePrograms(folder: string): Promise<Tryout> {
  const all = [...programs()];
  await Promise.all(
    all.map(([, { source }], i) =>
      build({
        absWorkingDir: ROOT,
        // (What a file imports for its effects alone would be left out: the package has none.)
        ...('path' in source
          ? { entryPoints: [source.path] }
          : { stdin: { contents: source.code, resolveDir: ROOT, loader: 'ts' as const } }),
        outfile: join(folder, `program-${i}.mjs`),
        bundle: true,
        platform: 'node',
        format: 'esm',
        target: 'es2022',
        external: ['rxkcp', 'rxjs'],
        logLevel: 'error',
        // An example runs if it is the program that was started. Dependencies in CommonJS ask for modules of Node.
        define: { 'import.meta.url': 'HERE' },
        banner: {
          js: "import { createRequire } from 'node:module';\nconst HERE = import.meta.url;\nconst require = createRequire(HERE);",
        },
      }),
    ),
  );
  return async (command, env) => {
    const outcomes = await Promise.all(
      all.map(
        async ([name, program], i): Promise<[string, string | undefined]> => [
          name,
          await failureOf([...command, `program-${i}.mjs`, ...(program.args ?? [])], program, folder, env),
        ],
      ),
    );
    return new Map(outcomes);
  };
}

/** Runs all programs by `command`: the reason why each has failed, or undefined. */
export type Tryout = (
  command: readonly string[],
  env: NodeJS.ProcessEnv,
) => Promise<ReadonlyMap<string, string | undefined>>;

async function failureOf(
  command: readonly string[],
  { prints }: Program,
  cwd: string,
  env: NodeJS.ProcessEnv,
): Promise<string | undefined> {
  const { code, output } = await runToEnd(command, cwd, env, MOST);
  if (code === 0 && prints.test(output)) return undefined;
  return `${code === null ? 'did not end' : `exit ${code}`}: ${output.slice(-400)}`;
}
