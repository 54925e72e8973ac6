// Joins what tsc has put into dist to a few files in dist/node, for to load many small ones takes Node several times as long. They are what
// Node loads (condition `node`): the choices of `imports` are made, and the dependencies in it, but for rxjs and the loader of the addon.
// Their licenses lie next to them. The command line becomes one file, dist/cli/rxkcp.js.
//
// The files of tsc stay, for all other runtimes and for bundles of pages, which take of each file only what is used. They lose their comments,
// which the declarations have. Files that only the condition `node` leads to are not packed a second time: `files` of package.json.

import { chmodSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, transformSync } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
const forNode = join(root, 'dist/node');
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

/** Short, with lines of a length that a stack trace can show. */
const SHORT = { minifyWhitespace: true, lineLimit: 160 };

for (const folder of ['dist/src', 'dist/operators']) {
  for (const name of readdirSync(join(root, folder), { recursive: true })) {
    if (!name.endsWith('.js')) continue;
    const file = join(root, folder, name);
    // Comments go with the spaces, but for those that bundlers read.
    writeFileSync(file, transformSync(readFileSync(file, 'utf8'), SHORT).code);
  }
}

const { metafile } = await build({
  absWorkingDir: root,
  bundle: true,
  splitting: true,
  format: 'esm',
  target: 'es2022',
  metafile: true,
  logLevel: 'warning',
  entryPoints: Object.values(manifest.exports)
    .filter((conditions) => conditions.node !== undefined)
    .map((conditions) => ({ in: conditions.default, out: conditions.node.match(/([^/]+)\.js$/)[1] })),
  outdir: forNode,
  ...SHORT,
  chunkNames: 'shared-[hash]',
  platform: 'node',
  external: ['node-gyp-build', ...Object.keys(manifest.peerDependencies)],
});
writeLicences(metafile, forNode);
const code = Object.keys(metafile.outputs).filter((path) => path.endsWith('.js'));

// The command line: one file, which loads the library as any program does.
const forCli = join(root, 'dist/cli');
const cli = await build({
  absWorkingDir: root,
  bundle: true,
  format: 'esm',
  target: 'es2022',
  metafile: true,
  logLevel: 'warning',
  entryPoints: [{ in: 'cli/main.ts', out: 'rxkcp' }],
  outdir: forCli,
  platform: 'node',
  minify: true,
  external: [manifest.name, `${manifest.name}/*`, ...Object.keys(manifest.peerDependencies)],
  // Dependencies in CommonJS ask for modules of Node.
  banner: { js: "import { createRequire } from 'node:module';\nconst require = createRequire(import.meta.url);" },
});
writeLicences(cli.metafile, forCli);
chmodSync(join(forCli, 'rxkcp.js'), 0o755);
code.push(...Object.keys(cli.metafile.outputs));
console.log(code.sort().join(', '));

/** The licenses of the dependencies whose code is in a bundle, next to it. */
function writeLicences({ outputs }, folder) {
  const inputs = Object.values(outputs).flatMap(({ inputs }) =>
    Object.keys(inputs).filter((path) => inputs[path].bytesInOutput > 0),
  );
  const packages = new Set(inputs.flatMap((path) => path.match(/^node_modules\/(@[^/]+\/)?[^/]+/)?.[0] ?? []));
  const texts = [...packages].sort().map((path) => {
    const { name, version, license } = JSON.parse(readFileSync(join(root, path, 'package.json'), 'utf8'));
    return `${name} ${version}, ${license}\n\n${readFileSync(join(root, path, 'LICENSE'), 'utf8').trim()}\n`;
  });
  const head = 'The files in this folder contain code of these packages.\n';
  writeFileSync(join(folder, 'THIRD-PARTY-LICENSES.txt'), [head, ...texts].join(`\n${'-'.repeat(80)}\n\n`));
}
