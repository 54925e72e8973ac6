// The package as it is published, in a folder outside of the repository.

import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** What `npm ci --prefix spec/platforms/tools` installs. */
export const TOOLS = join(ROOT, 'spec/platforms/tools/node_modules');

/** Runs a program to its end, or for `most` ms. Its exit code, null if it did not end; and what it has printed. */
export async function runToEnd(
  [command = '', ...args]: readonly string[],
  cwd: string,
  env: NodeJS.ProcessEnv,
  most: number,
): Promise<{ readonly code: number | null; readonly output: string }> {
  const child = spawn(command, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
  const timer = setTimeout(() => child.kill('SIGKILL'), most);
  const [code] = (await once(child, 'close')) as [number | null];
  clearTimeout(timer);
  return { code, output };
}

/** Packs what `npm run build` has built, and installs it with rxjs and its dependencies in `folder`, without a registry. */
export function installPacked(folder: string): void {
  const npm = ['pack', '--json', '--ignore-scripts', '--pack-destination', folder];
  const [{ filename }] = JSON.parse(execFileSync('npm', npm, { cwd: ROOT, encoding: 'utf8' })) as [
    { filename: string },
  ];
  const modules = join(folder, 'node_modules');
  mkdirSync(join(modules, 'rxkcp'), { recursive: true });
  execFileSync('tar', ['-xzf', join(folder, filename), '-C', join(modules, 'rxkcp'), '--strip-components=1']);
  const { dependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
    dependencies: Record<string, string>;
  };
  const scopes = new Set(Object.keys(dependencies).map((name) => name.split('/')[0] as string));
  for (const name of ['rxjs', 'tslib', ...scopes])
    cpSync(join(ROOT, 'node_modules', name), join(modules, name), { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{"private":true,"type":"module"}');
}
