// The page "If you know kcp-go" names all of kcp-go's API, and nothing of ours that is not there.

import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { describe, expect, test } from 'vitest';
import { goEnvironment, goProgram, kcpGo } from '../interop/support/go-build.ts';
import { KCP_GO_VERSIONS, kcpGoVersion } from '../interop/support/kcp-go-version.ts';
import { describeWith, type Presence } from '../interop/support/peer-presence.ts';
import { programWith } from '../support/code-blocks.ts';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const page = readFileSync(here('../../docs/kcp-go.md'), 'utf8');
const api = readFileSync(here('kcp-go-api.txt'), 'utf8');

interface Row {
  readonly theirs: readonly string[];
  readonly ours: string;
  readonly note: string;
}

/** Rows of the tables about names. */
const rows: Row[] = page
  .slice(0, page.indexOf('## Porting notes'))
  .split('\n')
  .filter((line) => line.startsWith('| `'))
  .map((line) => {
    const [, theirs = '', ours = '', note = ''] = line.split('|').map((cell) => cell.trim());
    return { theirs: codeIn(theirs), ours, note };
  });

function codeIn(cell: string): string[] {
  return [...cell.matchAll(/`([^`]+)`/g)].map(([, code]) => code as string);
}

describe('the page for those who know kcp-go', () => {
  test('names everything that kcp-go exports, once', () => {
    const exported = api
      .trim()
      .split('\n')
      .map((line) => line.split(' ')[1]);
    expect(rows.flatMap(({ theirs }) => theirs).sort()).toEqual(exported.sort());
  });

  test('says for each what stands for it, or why nothing does', () => {
    for (const { theirs, ours, note } of rows) {
      if (ours === '–') expect(note, theirs.join()).not.toBe('');
      else expect(ours, theirs.join()).toMatch(/^`[^`]+`(, `[^`]+`)*$/);
    }
  });

  test('names nothing of ours that does not exist', () => {
    const exists = existence();
    const named = [...new Set(rows.flatMap(({ ours }) => codeIn(ours)))];
    expect(named.filter((name) => !exists(name))).toEqual([]);
    expect(named.length).toBeGreaterThan(90);
    expect(['Session.sned', 'Sessions', 'rateLimits'].filter(exists)).toEqual([]);
  });

  test('has examples that compile', () => {
    const blocks = [...page.matchAll(/```ts\n(.*?)```/gs)].map(([, block]) => block as string);
    expect(blocks.length).toBeGreaterThan(1);
    expect(complaintsAbout(blocks)).toEqual([]);
    expect(complaintsAbout(["import { conect } from 'rxkcp';\nconect();"])).toHaveLength(1);
  });
});

/** The program reads kcp-go's sources. */
const sources: Presence = {
  peer: 'kcp-go, in source',
  missing: kcpGo.missing ?? (spawnSync('go', ['version']).error && 'go is not installed'),
};

describeWith(sources, 'the list of what kcp-go exports', () => {
  test('is that of kcp-go itself, as it is newest, or has all of one before', () => {
    const options = { encoding: 'utf8', cwd: here('../interop/peers/go'), env: goEnvironment } as const;
    const exported = execFileSync(goProgram('api'), options).trim();
    if (kcpGoVersion() === KCP_GO_VERSIONS[0]) expect(exported).toBe(api.trim());
    else expect(api.split('\n')).toEqual(expect.arrayContaining(exported.split('\n')));
  });
});

/** Tells whether `name`, or `Type.member`, is part of the public API. */
function existence(): (name: string) => boolean {
  const entries = [here('../../src/index.ts'), here('../../operators/index.ts')];
  const all = entries.map((path) => `import ${JSON.stringify(path)};`).join('\n');
  const program = programWith(new Map([[here('all.ts'), all]]), compilerOptions());
  const checker = program.getTypeChecker();
  const exported = new Map<string, ts.Symbol>();
  for (const entry of entries) {
    const module = checker.getSymbolAtLocation(program.getSourceFile(entry) as ts.SourceFile) as ts.Symbol;
    for (const symbol of checker.getExportsOfModule(module)) {
      exported.set(symbol.name, symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol);
    }
  }
  return (name) => {
    const [owner = '', member] = name.split('.');
    const symbol = exported.get(owner);
    if (symbol === undefined || member === undefined) return symbol !== undefined;
    return checker.getDeclaredTypeOfSymbol(symbol).getProperty(member) !== undefined;
  };
}

function compilerOptions(): ts.CompilerOptions {
  const { config } = ts.readConfigFile(here('../../tsconfig.json'), ts.sys.readFile);
  return ts.parseJsonConfigFileContent(config, ts.sys, here('../..')).options;
}

/** What the compiler has to say about programs that stand nowhere but in a text. */
function complaintsAbout(blocks: readonly string[]): string[] {
  const texts = new Map(blocks.map((block, i) => [here(`block-${i}.ts`), block]));
  const program = programWith(texts, compilerOptions());
  return [...texts.keys()].flatMap((name) =>
    ts
      .getPreEmitDiagnostics(program, program.getSourceFile(name))
      .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n')),
  );
}
