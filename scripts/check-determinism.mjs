// Runs the recorded conversation (spec/support/reference-run.ts) a hundred times on each Node given (default: 20, 22 and
// 24; npm's package `node` brings them) and compares the hashes of its transcripts with the one committed. One line a
// version; exits non-zero when one differs. Needs `npm run build` before.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const RUNS = 100;
const root = fileURLToPath(new URL('..', import.meta.url));
const versions = process.argv.length > 2 ? process.argv.slice(2) : ['20', '22', '24'];
const scratch = mkdtempSync(join(tmpdir(), 'rxkcp-determinism-'));

function run(command, args) {
  const { status, error, stdout, stderr } = spawnSync(command, args, { cwd: scratch, encoding: 'utf8' });
  if (error) throw error;
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: exit ${status}\n${stdout}${stderr}`);
  return stdout.trim();
}

const npm = (args) =>
  process.env.npm_execpath ? run(process.execPath, [process.env.npm_execpath, ...args]) : run('npm', args);

const program = `
import { pair } from 'rxkcp/testing';
import { VirtualTimeScheduler } from 'rxjs';
import { conversation, HASH, referencePair } from './spec/support/reference-run.ts';
const hashes = new Set();
for (let i = 0; i < ${RUNS}; i++) {
  const scheduler = i % 2 === 0 ? {} : { scheduler: new VirtualTimeScheduler(undefined, Infinity) };
  hashes.add(conversation(pair({ ...referencePair(), ...scheduler })).transcript.hash);
}
const found = [...hashes].join(' ');
if (found !== HASH) throw new Error(process.version + ': ' + found + ' in place of ' + HASH);
console.log(process.version, 'ok', ${RUNS}, 'runs', HASH);
`;

try {
  const outfile = join(scratch, 'program.mjs');
  await build({
    stdin: { contents: program, resolveDir: root, loader: 'ts' },
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    logLevel: 'error',
  });
  for (const version of versions) {
    const prefix = join(scratch, version);
    // The package's install script fetches the binary.
    writeFileSync(join(scratch, 'package.json'), '{"private":true}');
    npm(['install', '--prefix', prefix, '--no-audit', '--no-fund', '--no-save', `node@${version}`]);
    console.log(run(join(prefix, 'node_modules', 'node', 'bin', 'node'), [outfile]));
  }
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
