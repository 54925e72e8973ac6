// Joins what tsc has put into dist to a few files, for to load many small ones takes Node several times as long. Twice:
//
// - where they are, one file for each path that package.json names in `exports` and `imports`, and what they share. Dependencies stay
//   outside: who bundles for a browser takes of each what is used.
// - into dist/node, what Node loads (condition `node`): the choices of `imports` are made, and the dependencies in it, but for rxjs and the
//   loader of the addon. Their licences lie beside.
//
// Types stay as they are.

import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
const dist = join(root, 'dist');
const forNode = join(dist, 'node');
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

/** All files of code in what `exports` or `imports` say, but those of dist/node: strings at any depth. */
function files(conditions) {
  if (typeof conditions !== 'string') return Object.values(conditions).flatMap(files);
  const file = join(root, conditions);
  return conditions.endsWith('.js') && dirname(file) !== forNode ? [file] : [];
}

/**
 * What imports a dependency that does not declare itself free of side effects. In a file of its own, a bundler can leave it out
 * together with the dependency; in one with others, only without it.
 */
const APART = ['aes', 'aes-gcm', 'salsa20'].map((name) => join(dist, 'src/core/crypto', `${name}.js`));

const BUNDLE = {
  absWorkingDir: root,
  bundle: true,
  splitting: true,
  format: 'esm',
  target: 'es2022',
  sourcemap: true,
  sourcesContent: true,
  metafile: true,
  logLevel: 'warning',
};

// First, while dist has all files that tsc has put there.
const node = await build({
  ...BUNDLE,
  entryPoints: Object.values(manifest.exports)
    .filter((conditions) => conditions.node !== undefined)
    .map((conditions) => ({ in: conditions.default, out: conditions.node.match(/([^/]+)\.js$/)[1] })),
  outdir: forNode,
  chunkNames: 'shared-[hash]',
  platform: 'node',
  external: ['node-gyp-build', ...Object.keys(manifest.peerDependencies)],
});
writeLicences(node.metafile);

const others = await build({
  ...BUNDLE,
  entryPoints: [...new Set(files([manifest.exports, manifest.imports])), ...APART],
  outdir: dist,
  outbase: dist,
  chunkNames: 'src/shared-[hash]',
  allowOverwrite: true,
  platform: 'neutral',
  // `#udp` and the like too: the platform chooses among them when the package is loaded.
  external: ['node:*', '#*', ...Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies })],
});

const outputs = { ...node.metafile.outputs, ...others.metafile.outputs };
const written = new Set(Object.keys(outputs).map((path) => join(root, path)));
for (const path of readdirSync(dist, { recursive: true })) {
  const file = join(dist, path);
  if (/\.js(\.map)?$/.test(path) && !written.has(file)) rmSync(file);
}
const code = [...written].filter((path) => path.endsWith('.js')).map((path) => relative(dist, path));
console.log(`dist: ${code.sort().join(', ')}`);

/** The licences of the dependencies of which there is code in the bundle for Node. */
function writeLicences({ outputs }) {
  const inputs = Object.values(outputs).flatMap(({ inputs }) =>
    Object.keys(inputs).filter((path) => inputs[path].bytesInOutput > 0),
  );
  const packages = new Set(inputs.flatMap((path) => path.match(/^node_modules\/(@[^/]+\/)?[^/]+/)?.[0] ?? []));
  const texts = [...packages].sort().map((path) => {
    const { name, version, license } = JSON.parse(readFileSync(join(root, path, 'package.json'), 'utf8'));
    return `${name} ${version}, ${license}\n\n${readFileSync(join(root, path, 'LICENSE'), 'utf8').trim()}\n`;
  });
  const head = 'The files in this folder contain code of these packages.\n';
  writeFileSync(join(forNode, 'THIRD-PARTY-LICENSES.txt'), [head, ...texts].join(`\n${'-'.repeat(80)}\n\n`));
}
