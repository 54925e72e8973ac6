// Links in documents lead to what is there: in the repository, and for the documents that are published, in the tarball, too. What
// is not published is linked to by its address in the repository.

import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { posix } from 'node:path';
import { expect, test } from 'vitest';
import { documents, ROOT } from '../support/code-blocks.ts';

const { repository, homepage, bugs } = JSON.parse(readFileSync(`${ROOT}package.json`, 'utf8')) as {
  repository: { url: string };
  homepage: string;
  bugs: { url: string };
};
/** The address of the repository. */
const REPOSITORY = repository.url.replace(/^git\+|\.git$/g, '');
/** Where files and folders of the repository are shown. */
const SHOWN = new RegExp(`^${REPOSITORY}/(?:blob|tree)/main/`);

interface Link {
  readonly from: string;
  readonly to: string;
}

const pages = new Map(documents().map((path) => [path, readFileSync(ROOT + path, 'utf8')]));
const links: Link[] = [...pages].flatMap(([from, text]) =>
  Array.from(withoutCode(text).matchAll(/\]\(([^)\s]+)\)/g), ([, to = '']) => ({ from, to })),
);

/** A page without its code, in which links are none. */
function withoutCode(text: string): string {
  return text.replace(/^```.*?^```$/gms, '').replace(/`[^`\n]*`/g, 'code');
}

/** The anchors of a page's headings, as GitHub names them. */
function anchors(path: string): string[] {
  const headings = (pages.get(path) ?? readFileSync(ROOT + path, 'utf8')).matchAll(/^#+ (.*)$/gm);
  return Array.from(headings, ([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

/** The file of this repository that a link leads to, and the anchor in it; undefined for the rest of the world. */
function target({ from, to }: Link): { path: string; anchor: string } | undefined {
  const [address = '', anchor = ''] = to.split('#');
  if (address === REPOSITORY) return { path: 'README.md', anchor };
  if (SHOWN.test(address)) return { path: address.replace(SHOWN, ''), anchor };
  if (/^\w+:/.test(address)) return undefined;
  return { path: address === '' ? from : posix.normalize(posix.join(posix.dirname(from), address)), anchor };
}

test('there are links', () => {
  expect(links.length).toBeGreaterThan(50);
});

test('package.json, the documents and the site name one repository', () => {
  expect(homepage).toBe(`${REPOSITORY}#readme`);
  expect(bugs.url).toBe(`${REPOSITORY}/issues`);
  const site = 'docs/.vitepress/config.ts';
  const named = [...pages, [site, readFileSync(ROOT + site, 'utf8')] as const].flatMap(([from, text]) =>
    Array.from(text.matchAll(/https:\/\/[^\s)'"`#]+/g), ([url]) => ({ from, url })),
  );
  const own = named.filter(({ url }) => url.startsWith('https://github.com/rxkcp'));
  expect(own.length).toBeGreaterThan(10);
  expect(own.filter(({ url }) => url !== REPOSITORY && !SHOWN.test(url))).toEqual([]);
});

test('every link into the repository leads to a file that is there, and to a heading of it', () => {
  const dead = links.filter((link) => {
    const found = target(link);
    if (found === undefined) return false;
    if (!existsSync(ROOT + found.path)) return true;
    return found.anchor !== '' && !anchors(found.path).includes(found.anchor);
  });
  expect(dead).toEqual([]);
});

test('every relative link of a published document leads to a published file', () => {
  const npm = ['pack', '--dry-run', '--json', '--ignore-scripts'];
  const [report] = JSON.parse(execFileSync('npm', npm, { cwd: ROOT, encoding: 'utf8', shell: true })) as [
    { files: { path: string }[] },
  ];
  const published = new Set(report.files.map(({ path }) => path));
  expect([...published].filter((path) => path.startsWith('docs/')).length).toBeGreaterThan(9);
  const dead = links.filter((link) => {
    if (!published.has(link.from) || /^\w+:/.test(link.to)) return false;
    return !published.has(target(link)?.path ?? '');
  });
  expect(dead).toEqual([]);
});
