// The bundlers of tools/, with the options that their users have for production.

import { mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build as esbuild } from 'esbuild';
import { TOOLS } from './packed.ts';

const require = createRequire(join(TOOLS, 'any.js'));

/** Bundles `entry`, a file of `folder`, and returns the bundle's path. It throws what the bundler has to say, warnings included. */
type Bundler = (folder: string, entry: string, target: 'node' | 'page') => Promise<string>;

/** As much of the bundlers as is used here. */
type Webpack = (options: object, done: (error: Error | null, stats?: WebpackStats) => void) => void;
interface WebpackStats {
  hasErrors(): boolean;
  hasWarnings(): boolean;
  toString(options: object): string;
}
interface Rollup {
  rollup(options: object): Promise<{ write(options: object): Promise<unknown> }>;
}
interface Vite {
  build(options: object): Promise<unknown>;
}
type Plugin = (options?: object) => object;

function outputOf(folder: string, bundler: string, target: string): string {
  const output = join(folder, 'out', `${bundler}-${target}`);
  mkdirSync(output, { recursive: true });
  return output;
}

const webpack: Bundler = async (folder, entry, target) => {
  const output = outputOf(folder, 'webpack', target);
  const run = require('webpack') as Webpack;
  const forNode = { experiments: { outputModule: true }, output: { module: true, chunkFormat: 'module' } };
  const { experiments, output: more } = target === 'node' ? forNode : {};
  await new Promise<void>((resolve, reject) => {
    run(
      {
        mode: 'production',
        context: folder,
        entry: `./${entry}`,
        target: target === 'node' ? 'node20' : 'web',
        performance: { hints: false },
        experiments,
        output: { path: output, filename: 'bundle.mjs', ...more },
      },
      (error, stats) => {
        if (error !== null) reject(error);
        else if (stats?.hasErrors() || stats?.hasWarnings())
          reject(new Error(stats.toString({ all: false, errors: true, warnings: true })));
        else resolve();
      },
    );
  });
  return join(output, 'bundle.mjs');
};

const rollup: Bundler = async (folder, entry, target) => {
  const file = join(outputOf(folder, 'rollup', target), 'bundle.mjs');
  const { rollup: run } = require('rollup') as Rollup;
  const plugin = (name: string): Plugin => {
    const module = require(`@rollup/plugin-${name}`) as Plugin & { default?: Plugin };
    return module.default ?? module;
  };
  const forPage = { browser: true };
  const forNode = { exportConditions: ['node'], preferBuiltins: true };
  const bundle = await run({
    input: join(folder, entry),
    plugins: [plugin('node-resolve')(target === 'node' ? forNode : forPage), plugin('commonjs')()],
    onwarn: ({ code, message }: { code: string; message: string }) => {
      // RxJS 7 is written in TypeScript's old style.
      if (code !== 'THIS_IS_UNDEFINED') throw new Error(message);
    },
  });
  await bundle.write({ file, format: 'es', inlineDynamicImports: true });
  return file;
};

const vite: Bundler = async (folder, entry, target) => {
  const output = outputOf(folder, 'vite', target);
  const { build } = (await import(pathToFileURL(join(TOOLS, 'vite/dist/node/index.js')).href)) as Vite;
  const input = join(folder, entry);
  const rollupOptions = { input, output: { entryFileNames: 'bundle.mjs' } };
  const common = { root: folder, configFile: false, logLevel: 'warn' };
  const out = { outDir: output, emptyOutDir: true, rollupOptions };
  if (target === 'node')
    await build({ ...common, ssr: { noExternal: true, target: 'node' }, build: { ...out, ssr: true } });
  else await build({ ...common, build: out });
  return join(output, 'bundle.mjs');
};

const byEsbuild: Bundler = async (folder, entry, target) => {
  const outfile = join(outputOf(folder, 'esbuild', target), 'bundle.mjs');
  const { warnings } = await esbuild({
    absWorkingDir: folder,
    entryPoints: [entry],
    outfile,
    bundle: true,
    minify: true,
    format: 'esm',
    platform: target === 'node' ? 'node' : 'browser',
    logLevel: 'silent',
  });
  if (warnings.length > 0) throw new Error(JSON.stringify(warnings));
  return outfile;
};

export const BUNDLERS: Readonly<Record<string, Bundler>> = { esbuild: byEsbuild, rollup, vite, webpack };
