// The prose has none of the patterns that made it hard to read: in the documents, in the doc comments of everything that an entry point exports,
// and in all other comments and messages of the sources.

import { readdirSync, readFileSync } from 'node:fs';
import ts from 'typescript';
import { expect, test } from 'vitest';
import { documents, ROOT } from '../support/code-blocks.ts';

/** A pattern, and what to write instead. */
const PATTERNS: readonly (readonly [RegExp, string])[] = [
  [/\bof (?:yours|ours|its own|their own)\b/i, "a possessive: 'your own socket', 'its own buffer'"],
  [/\bof the caller's\b/i, "'the custom link', 'your own socket'"],
  [/\bborders?\b/i, "'message boundary'"],
  [/\b(?:nobody|somebody|anybody)\b/i, 'the noun that acts'],
  [/\bbesides?\b/i, "'in addition to', 'next to', 'with'"],
  [
    /\b(?:anew|seldom|oftener|for ever|in vain|once more|as ever)\b/i,
    "'again', 'rarely', 'more often', 'forever', 'needlessly'",
  ],
  [
    /\b(?:bytes|times|datagrams|messages|packets|[MG]i?B|ms) a (?:second|packet|round trip|message|datagram)\b(?! can)/i,
    "'per second', 'per packet'",
  ],
  [/\bthere and back\b|\beach way\b/i, "'round trip', 'per direction'"],
  [/\bgoodbye\b/i, "'an application-level close message'"],
  [/\d %/, "'20%', without a blank"],
  [/\b(?:dialling|behaviour|licences?|neighbour)\b/i, 'American spelling'],
  [/\bthe reference(?:'s)?\b/i, "'kcp-go'"],
];

interface Text {
  readonly where: string;
  readonly text: string;
}

/** Lines of a document, without its code. */
function proseOf(path: string): Text[] {
  let isCode = false;
  return readFileSync(ROOT + path, 'utf8')
    .split('\n')
    .flatMap((line, i) => {
      if (line.startsWith('```')) isCode = !isCode;
      return isCode ? [] : [{ where: `${path}:${i + 1}`, text: line.replace(/`[^`]*`/g, 'code') }];
    });
}

/** Doc comments of the exports of all entry points, and of the members of those. */
function publicComments(): Text[] {
  const { entryPoints } = JSON.parse(readFileSync(`${ROOT}typedoc.json`, 'utf8')) as { entryPoints: string[] };
  const { config } = ts.readConfigFile(`${ROOT}tsconfig.json`, ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, ROOT);
  const program = ts.createProgram(
    entryPoints.map((path) => ROOT + path),
    options,
  );
  const checker = program.getTypeChecker();
  const comments = new Map<string, Text>();
  const collect = (node: ts.Node): void => {
    const { fileName } = node.getSourceFile();
    if (!fileName.startsWith(ROOT) || fileName.includes('/node_modules/')) return;
    const blocks = ts.getJSDocCommentsAndTags(node).filter(ts.isJSDoc);
    if (blocks.some(({ tags = [] }) => tags.some(({ tagName }) => tagName.text === 'internal'))) return;
    for (const block of blocks) {
      const text = block
        .getText()
        .replace(/```.*?```/gs, '')
        .replace(/@example.*?(?=@param|@throws|@see|$)/gs, '')
        .replace(/`[^`]*`/g, 'code');
      const { line } = node.getSourceFile().getLineAndCharacterOfPosition(block.pos);
      comments.set(`${fileName}:${line}`, { where: `${fileName.slice(ROOT.length)}:${line + 1}`, text });
    }
    if (ts.isInterfaceDeclaration(node) || ts.isClassDeclaration(node)) {
      for (const member of node.members) if (!member.name || !ts.isPrivateIdentifier(member.name)) collect(member);
    }
  };
  for (const path of entryPoints) {
    const source = program.getSourceFile(ROOT + path) as ts.SourceFile;
    for (const symbol of checker.getExportsOfModule(checker.getSymbolAtLocation(source) as ts.Symbol)) {
      const original = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
      for (const declaration of original.declarations ?? []) collect(declaration);
    }
  }
  return [...comments.values()];
}

/** Folders whose comments and texts are held. */
const SOURCES = ['src', 'operators', 'cli', 'bench', 'scripts', 'spec/support', 'spec/platforms'];
/** Written in another language, or made from that. */
const OTHERS = /node_modules|\/assembly\/|\/module\.ts$/;

/** All comments of the sources, line by line, and the texts in them: messages, help, what is printed. */
function sourceTexts(): Text[] {
  const files = SOURCES.flatMap((folder) =>
    readdirSync(ROOT + folder, { recursive: true, encoding: 'utf8' }).map((name) => `${folder}/${name}`),
  );
  return files.filter((path) => /\.m?ts$|\.mjs$/.test(path) && !OTHERS.test(path)).flatMap(textsOf);
}

function textsOf(path: string): Text[] {
  const code = readFileSync(ROOT + path, 'utf8');
  const file = ts.createSourceFile(path, code, ts.ScriptTarget.Latest, true);
  const texts = new Map<number, Text>();
  const add = (pos: number, text: string): void => {
    texts.set(pos, { where: `${path}:${file.getLineAndCharacterOfPosition(pos).line + 1}`, text });
  };
  const visit = (node: ts.Node): void => {
    const ranges = [ts.getLeadingCommentRanges(code, node.pos), ts.getTrailingCommentRanges(code, node.end)];
    for (const { pos, end } of ranges.flatMap((range) => range ?? [])) {
      add(pos, code.slice(pos, end).replace(/`[^`]*`/g, 'code'));
    }
    if (ts.isStringLiteralLike(node) || ts.isTemplateHead(node) || ts.isTemplateMiddleOrTemplateTail(node)) {
      add(node.getStart(), node.text);
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return [...texts.values()];
}

function findings(texts: readonly Text[]): string[] {
  return texts.flatMap(({ where, text }) =>
    PATTERNS.flatMap(([pattern, better]) => {
      const found = pattern.exec(text);
      return found ? [`${where}: "${found[0]}"; write ${better}`] : [];
    }),
  );
}

test('finds what it looks for', () => {
  expect(findings([{ where: 'here', text: 'a socket of yours, and 5 % of it each way' }])).toHaveLength(3);
});

test('the documents are in the style of the project', () => {
  const pages = documents();
  expect(pages.length).toBeGreaterThan(40);
  expect(findings(pages.flatMap(proseOf))).toEqual([]);
});

test('the doc comments of the public API are in the style of the project', () => {
  const comments = publicComments();
  expect(comments.length).toBeGreaterThan(300);
  expect(findings(comments)).toEqual([]);
});

test('the comments and messages of the sources are in the style of the project', () => {
  const texts = sourceTexts();
  expect(texts.length).toBeGreaterThan(5000);
  expect(findings(texts)).toEqual([]);
});
