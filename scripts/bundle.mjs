// Joins what tsc has put into dist to a few files: one for each path that package.json names in `exports` and `imports`, and what
// they share. To load 80 small files takes Node several times as long. Dependencies stay outside, types stay as they are.

import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
const dist = join(root, 'dist');
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

/** All files of code in what `exports` or `imports` say: strings at any depth. */
function files(conditions) {
  if (typeof conditions === 'string') return conditions.endsWith('.js') ? [join(root, conditions)] : [];
  return Object.values(conditions).flatMap(files);
}

/**
 * What imports a dependency that does not declare itself free of side effects. In a file of its own, a bundler can leave it out
 * together with the dependency; in one with others, only without it.
 */
const APART = ['aes', 'salsa20'].map((name) => join(dist, 'src/crypto', `${name}.js`));

const { metafile } = await build({
  absWorkingDir: root,
  entryPoints: [...new Set(files([manifest.exports, manifest.imports])), ...APART],
  outdir: dist,
  outbase: dist,
  chunkNames: 'src/shared-[hash]',
  allowOverwrite: true,
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'neutral',
  target: 'es2022',
  // `#udp` and the like too: the platform chooses among them when the package is loaded.
  external: ['node:*', '#*', ...Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies })],
  sourcemap: true,
  sourcesContent: true,
  metafile: true,
  logLevel: 'warning',
});

const written = new Set(Object.keys(metafile.outputs).map((path) => join(root, path)));
for (const path of readdirSync(dist, { recursive: true })) {
  const file = join(dist, path);
  if (/\.js(\.map)?$/.test(path) && !written.has(file)) rmSync(file);
}
const code = [...written].filter((path) => path.endsWith('.js')).map((path) => relative(dist, path));
console.log(`dist: ${code.sort().join(', ')}`);
