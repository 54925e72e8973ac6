// npm run docs:site: the guides by VitePress, and the API reference by TypeDoc, as one site in docs/.vitepress/dist.
// A dead link between guides fails the build; so does one to a missing API page.

import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const site = join(root, 'docs/.vitepress/dist');
const run = (command, ...args) => execFileSync(command, args, { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] });

const vitepress = join(root, 'docs/.vitepress/node_modules/vitepress/bin/vitepress.js');
if (!existsSync(vitepress)) {
  console.error('vitepress is not installed: npm ci --prefix docs/.vitepress');
  process.exit(1);
}
run(process.execPath, vitepress, 'build', 'docs');
run('npm', 'run', '--silent', 'docs');
cpSync(join(root, 'docs/api'), join(site, 'api'), { recursive: true });

const pages = readdirSync(site, { recursive: true }).filter((path) => path.endsWith('.html'));
const dead = pages.flatMap((page) => {
  // The guides that TypeDoc copies for its front page link among themselves as files of the repository.
  if (page.startsWith('api/media/')) return [];
  const html = readFileSync(join(site, page), 'utf8');
  return Array.from(html.matchAll(/<a [^>]*href="([^"#?]+)/g), ([, to]) => to)
    .filter((to) => !/^[a-z]+:/.test(to))
    .map((to) => (to.startsWith('/') ? to.slice(1) : posix.join(posix.dirname(page), to)))
    .filter((to) => !existsSync(join(site, to)) && !existsSync(join(site, `${to}.html`)))
    .map((to) => `${page} -> ${to}`);
});
if (dead.length > 0) {
  console.error(`${dead.length} dead links:\n${[...new Set(dead)].slice(0, 50).join('\n')}`);
  process.exit(1);
}
console.log(`${pages.length} pages in ${site.slice(dirname(root).length + 1)}`);
