// The specs of the addon, with an addon that AddressSanitizer and UndefinedBehaviorSanitizer watch over: npm run test:sanitized. Needs gcc, and what
// `npm run build:native` needs. Leaves the ordinary addon behind.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const SANITIZERS = '-fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer -g';
const SPECS = [
  'spec/link/udp/native',
  'spec/core/crypto',
  'spec/core/fec',
  'spec/link/udp/udp-spec.ts',
  'spec/link/udp/closing-spec.ts',
];

/** Runs a program; returns whether it succeeded. */
function run(program, args, env = {}) {
  const { status, error } = spawnSync(program, args, { cwd: root, stdio: 'inherit', env: { ...process.env, ...env } });
  if (error) throw error;
  return status === 0;
}

const build = (env) => run(process.execPath, ['scripts/build-native.mjs', '--faults'], env);
const library = (name) => spawnSync('gcc', [`-print-file-name=${name}`], { encoding: 'utf8' }).stdout.trim();

let isGood = build({ CC: 'gcc', CFLAGS: SANITIZERS, LDFLAGS: SANITIZERS });
if (isGood) {
  isGood = run('npx', ['vitest', 'run', '--typecheck.enabled=false', ...SPECS], {
    // Before anything else is loaded. V8 ends without giving back what it has, which is no leak.
    LD_PRELOAD: `${library('libasan.so')} ${library('libubsan.so')}`,
    ASAN_OPTIONS: 'detect_leaks=0',
    UBSAN_OPTIONS: 'print_stacktrace=1',
  });
}
if (!build() || !isGood) process.exitCode = 1;
