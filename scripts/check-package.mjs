// Builds and packs the package, installs the tarball in a scratch project outside the repository, and checks what a user
// gets: that it runs, type-checks and bundles. One line a check; exits non-zero when one fails. `--keep` keeps the scratch project.
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
const scratch = mkdtempSync(join(tmpdir(), 'rxkcp-package-'));
const project = join(scratch, 'project');
const keep = process.argv.includes('--keep');

// `npm run` tells its children about the repository; the scratch project must not hear of it.
const env = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !/^npm_(package|lifecycle)_|^npm_config_local_prefix$/.test(name)),
);

/** Runs a program; returns its stdout, throws with everything it printed when it fails. */
function run(command, args, cwd) {
  const { status, signal, error, stdout, stderr } = spawnSync(command, args, { cwd, env, encoding: 'utf8' });
  if (error) throw error;
  if (status !== 0) throw new Error(`${[command, ...args].join(' ')}: exit ${status ?? signal}\n${stdout}${stderr}`);
  return stdout;
}

/** npm itself: the one that runs this script, if one does. */
function npm(args, cwd) {
  const cli = process.env.npm_execpath;
  return cli ? run(process.execPath, [cli, ...args], cwd) : run('npm', args, cwd);
}

const bin = (name, from = root) => join(from, 'node_modules', '.bin', name);
const installed = (name) => JSON.parse(readFileSync(join(root, 'node_modules', name, 'package.json'), 'utf8')).version;

let failures = 0;

/** Prints the check's line. Returns whether it passed. */
async function check(name, body) {
  try {
    await body();
    console.log(`ok    ${name}`);
    return true;
  } catch (error) {
    failures++;
    console.log(`FAIL  ${name}`);
    console.log(String(error.message ?? error).replace(/^/gm, '      '));
    return false;
  }
}

let tarball = '';

async function prepare() {
  if (!(await check('build', () => npm(['run', '--silent', 'build'], root)))) return false;

  const packed = await check('pack: dist/src, dist/operators, README, LICENSE, CHANGELOG and nothing else', () => {
    const [report] = JSON.parse(npm(['pack', '--json', '--ignore-scripts', '--pack-destination', scratch], root));
    tarball = join(scratch, report.filename);
    const paths = report.files.map((file) => file.path);
    const documents = ['package.json', 'README.md', 'LICENSE', 'CHANGELOG.md'];
    const missing = documents.filter((name) => !paths.includes(name));
    const stray = paths.filter((path) => !documents.includes(path) && !/^dist\/(src|operators)\//.test(path));
    if (missing.length > 0) throw new Error(`missing: ${missing.join(', ')}`);
    if (stray.length > 0) throw new Error(`stray: ${stray.join(', ')}`);
  });
  if (!packed && tarball === '') return false;

  return check('install the tarball with rxjs and typescript', () => {
    mkdirSync(project);
    for (const file of ['consumer.ts', 'consumer-node.ts', 'run.mjs', 'run-node.mjs'])
      copyFileSync(join(root, 'scripts/consumer', file), join(project, file));
    const manifest = { name: 'rxkcp-consumer', version: '0.0.0', private: true, type: 'module' };
    writeFileSync(join(project, 'package.json'), JSON.stringify(manifest));
    const others = ['rxjs', 'typescript', '@types/node'].map((name) => `${name}@${installed(name)}`);
    npm(['install', '--prefer-offline', '--no-audit', '--no-fund', tarball, ...others], project);
  });
}

/** Compiles `files`, and every declaration file that they reach. */
function compile(files, options) {
  const compilerOptions = { strict: true, skipLibCheck: false, noEmit: true, target: 'es2022', ...options };
  const config = join(project, `tsconfig.${options.moduleResolution}.json`);
  writeFileSync(config, JSON.stringify({ compilerOptions, files }));
  run(bin('tsc', project), ['-p', config], project);
}

async function bundle(platform) {
  const outfile = join(project, `bundle.${platform}.mjs`);
  const { metafile } = await build({
    absWorkingDir: project,
    entryPoints: ['run.mjs'],
    outfile,
    platform,
    bundle: true,
    format: 'esm',
    metafile: true,
    logLevel: 'silent',
  });
  const imports = Object.values(metafile.outputs).flatMap((output) => output.imports.map((entry) => entry.path));
  return { outfile, builtins: imports.filter((path) => isBuiltin(path)) };
}

try {
  if (await prepare()) {
    await check('node: all entry points load', () => {
      run(process.execPath, ['run.mjs'], project);
      run(process.execPath, ['run-node.mjs'], project);
    });
    await check('tsc: moduleResolution nodenext, with the types of node', () =>
      compile(['consumer.ts', 'consumer-node.ts'], {
        module: 'nodenext',
        moduleResolution: 'nodenext',
        lib: ['es2022'],
        types: ['node'],
      }),
    );
    await check('tsc: moduleResolution bundler, with the DOM', () =>
      compile(['consumer.ts'], { module: 'esnext', moduleResolution: 'bundler', lib: ['es2022', 'dom'], types: [] }),
    );
    await check('esbuild: a bundle for node', async () => {
      const { outfile, builtins } = await bundle('node');
      if (builtins.length === 0) throw new Error('imports nothing of node: the UDP link is not in it');
      run(process.execPath, [outfile], project);
    });
    await check('esbuild: a bundle for the browser, without node: imports', async () => {
      const { outfile, builtins } = await bundle('browser');
      if (builtins.length > 0) throw new Error(`imports ${builtins.join(', ')}`);
      if (/["']node:/.test(readFileSync(outfile, 'utf8'))) throw new Error("names a 'node:' module");
      run(process.execPath, [outfile], project);
    });
    await check('publint', () => run(bin('publint'), ['run', tarball, '--strict'], root));
    await check('are the types wrong', () => run(bin('attw'), [tarball, '--profile', 'esm-only', '--no-color'], root));
  }
} finally {
  if (keep) console.log(`kept  ${scratch}`);
  else rmSync(scratch, { recursive: true, force: true });
}
process.exitCode = failures > 0 ? 1 : 0;
