// Builds the addon for all platforms that it is for, by one cross-compiler: native/prebuilds/linux-{x64,arm64}/rxkcp.{glibc,musl}.node.
// The same sources give the same bytes, on any machine: `--check` builds twice, in different folders, and compares, also with
// native/prebuilds.sha256; without it, that file is written. `--faults FOLDER` builds the addon that specs inject faults into, to that folder.
//
// The compiler is zig's (package `ziglang` of PyPI), in a virtual environment of Python; RXKCP_ZIG names another one. The headers of Node
// are those of spec/platforms/tools, whose lock file pins them.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ZIG = '0.15.2';
const TARGETS = {
  'linux-x64/rxkcp.glibc.node': 'x86_64-linux-gnu.2.28',
  'linux-x64/rxkcp.musl.node': 'x86_64-linux-musl',
  'linux-arm64/rxkcp.glibc.node': 'aarch64-linux-gnu.2.28',
  'linux-arm64/rxkcp.musl.node': 'aarch64-linux-musl',
};
const FLAGS = [
  '-shared',
  '-fPIC',
  '-s',
  '-fno-sanitize=all',
  '-Wl,--build-id=none',
  '-Wno-sign-compare',
  '-fno-unroll-loops',
];

const root = fileURLToPath(new URL('..', import.meta.url));
const prebuilds = join(root, 'native/prebuilds');
const sums = join(root, 'native/prebuilds.sha256');
/** The target of a binding.gyp. */
const gyp = (name) => JSON.parse(readFileSync(join(root, `native/${name}/binding.gyp`), 'utf8')).targets[0];

function run(program, args, options = {}) {
  const { status, error, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8', ...options });
  if (error) throw error;
  if (status !== 0) throw new Error(`${program} ${args.join(' ')}: exit ${status}\n${stdout}${stderr}`);
  return stdout;
}

/** The command of the compiler. */
function compiler() {
  if (process.env.RXKCP_ZIG) return [process.env.RXKCP_ZIG];
  const venv = join(root, 'node_modules/.cache/rxkcp-zig', ZIG);
  const python = join(venv, 'bin/python');
  if (!existsSync(python)) {
    run('python3', ['-m', 'venv', venv]);
    run(python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', `ziglang==${ZIG}`]);
  }
  return [python, '-m', 'ziglang'];
}

function headers() {
  const found = ['x64', 'arm64']
    .map((arch) => join(root, `spec/platforms/tools/node_modules/node-20/node_modules/node-linux-${arch}/include/node`))
    .find((path) => existsSync(path));
  if (found === undefined) throw new Error('the headers of Node are not there: npm ci --prefix spec/platforms/tools');
  return found;
}

const [zig, ...zigArgs] = compiler();
const include = headers();

/** Builds all into a folder; the hash of each, by its path. */
function build(folder, { sources, cflags, ldflags = [], defines }, name = 'src') {
  // From a copy: where the sources are must not show.
  const copy = mkdtempSync(join(tmpdir(), 'rxkcp-native-'));
  const filter = (path) => !path.endsWith('/build');
  try {
    for (const part of ['src', name]) cpSync(join(root, 'native', part), join(copy, part), { recursive: true, filter });
    const hashes = {};
    for (const [path, target] of Object.entries(TARGETS)) {
      const file = join(folder, path);
      mkdirSync(dirname(file), { recursive: true });
      const macros = defines.map((macro) => `-D${macro}`);
      const args = [
        'cc',
        '-target',
        target,
        ...cflags,
        ...ldflags,
        ...FLAGS,
        ...macros,
        `-I${include}`,
        '-I../src',
        '-o',
        file,
        ...sources,
      ];
      run(zig, [...zigArgs, ...args], { cwd: join(copy, name) });
      hashes[path] = createHash('sha256').update(readFileSync(file)).digest('hex');
    }
    return hashes;
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

const text = (hashes) =>
  Object.entries(hashes)
    .map(([path, hash]) => `${hash}  ${path}\n`)
    .join('');

if (process.argv.includes('--check')) {
  const scratch = mkdtempSync(join(tmpdir(), 'rxkcp-prebuilds-'));
  try {
    const [first, second] = ['a', 'b'].map((name) => text(build(join(scratch, name), gyp('src'))));
    if (first !== second) throw new Error(`two builds differ:\n${first}${second}`);
    if (first !== readFileSync(sums, 'utf8'))
      throw new Error(`native/prebuilds.sha256 is of other sources. Now:\n${first}`);
    console.log(`bit for bit:\n${first}`);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
} else if (process.argv[2] === '--faults') {
  build(process.argv[3], gyp('faults'), 'faults');
} else {
  rmSync(prebuilds, { recursive: true, force: true });
  const hashes = text(build(prebuilds, gyp('src')));
  writeFileSync(sums, hashes);
  console.log(hashes);
}
