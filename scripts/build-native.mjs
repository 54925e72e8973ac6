// Builds the native link (native/README.md): the prebuild of this platform, native/prebuilds/PLATFORM-ARCH/, and with
// `--faults` the build that specs inject faults into. Needs a C compiler, and what node-gyp needs.
import { spawnSync } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
if (process.platform !== 'linux') {
  console.error(`The native link is for Linux; on ${process.platform} rxkcp uses node:dgram. Nothing to build.`);
  process.exit();
}

// node-gyp takes the headers of the running node, where they are installed with it; else it downloads them.
const prefix = dirname(dirname(process.execPath));
const hasHeaders = existsSync(join(prefix, 'include/node/node_api.h'));
// Several files at a time.
const env = { JOBS: 'max', ...(hasHeaders ? { npm_config_nodedir: prefix } : {}), ...process.env };

function run(program, ...args) {
  const { status, error } = spawnSync(program, args, { cwd: root, env, stdio: 'inherit' });
  if (error) throw error;
  if (status !== 0) process.exit(status ?? 1);
}

rmSync(join(root, 'native/prebuilds'), { recursive: true, force: true });
const target = `--target=node@${process.versions.node}`;
run('prebuildify', '--napi', '--strip', '--tag-libc', '--name=rxkcp', '--cwd=native/src', '--out=native', target);
if (process.argv.includes('--faults')) run('node-gyp', 'rebuild', '--directory=native/faults');
