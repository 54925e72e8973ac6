// npm run platforms: the smoke suite (smoke.ts) on every runtime of tools/, and what newcomers copy (programs.ts) on some, against the packed
// package; prints the matrix. With names of runtimes as arguments, on those alone. With --arm64 or --musl on what this machine is not
// (foreign.ts), and the native specs there, too. Exits with 1 when a test fails, or none has run.

import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Table from 'cli-table3';
import { build } from 'esbuild';
import { buildAddons, type Foreign, foreign, nativeSpecs } from './foreign.ts';
import { installPacked, ROOT, runToEnd, TOOLS } from './packed.ts';
import { bundlePrograms, type Tryout } from './programs.ts';

interface Platform {
  readonly name: string;
  readonly command: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** What runs the programs of newcomers, if it is to run them. */
  readonly programs?: readonly string[];
  /** What runs the native specs, if it is to run them. */
  readonly foreign?: Foreign;
}

const node = (version: string): string => join(TOOLS, `node-${version}/bin/node`);

const PLATFORMS: readonly Platform[] = [
  ...['20', '22', '24', '26'].flatMap((version) => [
    {
      name: `node-${version}`,
      command: [node(version)],
      ...(version === '20' || version === '26' ? { programs: [node(version)] } : {}),
    },
    { name: `node-${version}-dgram`, command: [node(version)], env: { RXKCP_NATIVE: '0' } },
  ]),
  { name: 'bun', command: [join(TOOLS, '.bin/bun')], programs: [join(TOOLS, '.bin/bun')] },
  // What docs/platforms.md says Deno has to permit.
  {
    name: 'deno',
    command: [join(TOOLS, '.bin/deno'), 'run', '--allow-net', '--allow-env', '--no-prompt'],
    programs: [join(TOOLS, '.bin/deno'), 'run', '--allow-all'],
  },
];

/** A run that takes longer hangs. */
const MOST = 180_000;

interface Outcome {
  readonly platform: Platform;
  readonly version: string;
  /** By the name of the test: undefined if it passed, else why not. */
  readonly tests: ReadonlyMap<string, string | undefined>;
  /** What went wrong outside the tests. */
  readonly trouble: string | undefined;
  readonly output: string;
}

/** The packed package, and the suite next to it. */
async function install(folder: string): Promise<void> {
  installPacked(folder);
  await build({
    entryPoints: [join(ROOT, 'spec/platforms/smoke.ts')],
    outfile: join(folder, 'smoke.mjs'),
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'es2022',
    external: ['rxkcp', 'rxjs'],
    logLevel: 'error',
  });
}

async function run(platform: Platform, folder: string, tryPrograms: Tryout, faults: string): Promise<Outcome> {
  const [command = '', ...args] = platform.command;
  const ask = platform.foreign ? [...args, '--version'] : ['--version'];
  const version = /[\d.]+/.exec(execFileSync(command, ask, { encoding: 'utf8' }))?.[0] ?? '';
  const env = { ...process.env, ...platform.env, NO_COLOR: '1' };
  const { code, output } = await runToEnd([...platform.command, 'smoke.mjs'], folder, env, MOST);
  const tests = new Map<string, string | undefined>();
  for (const [, name = ''] of output.matchAll(/^ok (.*) \(\d+ ms\)$/gm)) tests.set(name, undefined);
  for (const [, name = '', why] of output.matchAll(/^FAIL ([^:\n]*): (.*)$/gm)) tests.set(name, why);
  const failed = [...tests.values()].some((why) => why !== undefined);
  if (platform.programs) {
    for (const [name, why] of await tryPrograms(platform.programs, env)) tests.set(name, why);
  }
  if (platform.foreign) {
    const { passed, failure } = await nativeSpecs(platform.foreign, folder, faults);
    tests.set('native specs', failure);
    console.log(`${platform.name}: ${passed} native specs passed`);
  }
  const trouble = code === (failed ? 1 : 0) ? undefined : code === null ? 'did not end' : `exit ${code}`;
  return { platform, version, tests, trouble, output };
}

function table(outcomes: readonly Outcome[]): string {
  const names = [...new Set(outcomes.flatMap(({ tests }) => [...tests.keys()]))];
  const rows = new Table({
    head: ['', ...outcomes.map(({ platform }) => platform.name)],
    style: { head: [], border: [] },
  });
  rows.push(['version', ...outcomes.map(({ version }) => version)]);
  for (const name of names) {
    rows.push([
      name,
      ...outcomes.map(({ tests }) => (!tests.has(name) ? '-' : tests.get(name) === undefined ? 'ok' : 'FAIL')),
    ]);
  }
  return rows.toString();
}

const wanted = process.argv.slice(2);
const platforms = PLATFORMS.filter(({ name }) => wanted.length === 0 || wanted.includes(name));
const missing = platforms.filter(({ command: [program = ''] }) => !existsSync(program)).map(({ name }) => name);
for (const name of missing) console.log(`${name} is not there: npm ci --prefix spec/platforms/tools`);
for (const flag of wanted.filter((word) => word.startsWith('--'))) {
  const found = foreign(flag);
  if (typeof found === 'string') {
    console.log(found);
    missing.push(flag);
  } else {
    platforms.push({ ...found, foreign: found });
  }
}

const folder = mkdtempSync(join(tmpdir(), 'rxkcp-platforms-'));
const outcomes: Outcome[] = [];
const faults = join(folder, 'faults');
try {
  if (platforms.some((platform) => platform.foreign)) buildAddons(faults);
  await install(folder);
  const tryPrograms = await bundlePrograms(folder);
  for (const platform of platforms) {
    if (missing.includes(platform.name)) continue;
    const outcome = await run(platform, folder, tryPrograms, faults);
    outcomes.push(outcome);
    const failed = [...outcome.tests].filter(([, why]) => why !== undefined);
    for (const [name, why] of failed) console.log(`FAIL  ${platform.name}: ${name}: ${why}`);
    if (outcome.trouble !== undefined) console.log(`FAIL  ${platform.name}: ${outcome.trouble}\n${outcome.output}`);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
console.log(table(outcomes));
const isGood = ({ tests, trouble }: Outcome): boolean =>
  trouble === undefined && tests.size > 0 && [...tests.values()].every((why) => why === undefined);
const bad = outcomes.filter((outcome) => !isGood(outcome)).length + missing.length;
console.log(`${outcomes.length + missing.length - bad} platforms passed, ${bad} failed`);
process.exitCode = bad > 0 || outcomes.length === 0 ? 1 : 0;
