// Finishes the declarations that tsc has put into dist, for the compilers of users:
//
// - TypeScript has had generic typed arrays since 5.7. `ReturnType<Uint8Array['slice']>` is `Uint8Array<ArrayBuffer>` from then on,
//   and plain `Uint8Array` before.
// - CommonJS modules may import types of ES modules, but (before TypeScript 5.8, or with `module: node16`) no values. So each entry
//   point gets a declaration file in dist/require that declares its values again, by the types that they have in the ES module. What
//   Node loads for `require` is the ES module itself, which it can from 20.19 and 22.12 on.
// - Declarations that no entry point leads to, neither on Node nor elsewhere, are left out.

import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const root = fileURLToPath(new URL('..', import.meta.url));
const dist = join(root, 'dist');
const { exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

for (const path of readdirSync(dist, { recursive: true })) {
  if (!path.endsWith('.d.ts')) continue;
  const file = join(dist, path);
  const text = readFileSync(file, 'utf8');
  const older = text
    .replaceAll('Uint8Array<ArrayBuffer>', "ReturnType<Uint8Array['slice']>")
    .replaceAll('Uint8Array<ArrayBufferLike>', 'Uint8Array');
  if (older !== text) writeFileSync(file, older);
}

const entries = Object.values(exports).filter((conditions) => conditions.require !== undefined);
const roots = entries.map(({ types }) => join(root, types));
const shared = { target: ts.ScriptTarget.ES2022, types: ['node'], noEmit: true };
const program = ts.createProgram(roots, { ...shared, module: ts.ModuleKind.NodeNext });
mkdirSync(join(dist, 'require'), { recursive: true });
for (const { types, require } of entries) {
  writeFileSync(join(root, require.types), declarationsForRequire(join(root, types)));
}

// A bundler does not have the condition `node`: package imports lead it elsewhere.
const elsewhere = ts.createProgram(roots, {
  ...shared,
  module: ts.ModuleKind.ESNext,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
});
const used = new Set([program, elsewhere].flatMap((each) => each.getSourceFiles().map(({ fileName }) => fileName)));
for (const folder of ['src', 'operators']) {
  for (const path of readdirSync(join(dist, folder), { recursive: true })) {
    const file = join(dist, folder, path);
    if (file.endsWith('.d.ts') && !used.has(file)) rmSync(file);
  }
}

/** The declarations of an ES module's exports, as those of a CommonJS module. */
function declarationsForRequire(file) {
  const checker = program.getTypeChecker();
  const module = checker.getSymbolAtLocation(program.getSourceFile(file));
  const values = [];
  const types = [];
  for (const symbol of checker.getExportsOfModule(module)) {
    const { flags } = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
    const { name } = symbol;
    if ((flags & ts.SymbolFlags.Value) === 0) types.push(name);
    else values.push(`export declare const ${name}: typeof module.${name};`);
    // Classes are both.
    if (flags & ts.SymbolFlags.Value && flags & ts.SymbolFlags.Type)
      values.push(`export type ${name} = module.${name};`);
  }
  const from = `'${relative(join(dist, 'require'), file).replace(/\.d\.ts$/, '.js')}' with { 'resolution-mode': 'import' }`;
  return [
    `// Made by ${basename(import.meta.url)}.`,
    `import type * as module from ${from};`,
    ...(types.length > 0 ? [`export type { ${types.join(', ')} } from ${from};`] : []),
    ...values,
    '',
  ].join('\n');
}
