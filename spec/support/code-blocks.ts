// The code in our documents: blocks of Markdown, and the examples of doc comments.

import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

export interface CodeBlock {
  /** File and line, of which it is the first. */
  readonly where: string;
  readonly language: 'ts' | 'js';
  readonly code: string;
}

/** Documents that people start from. */
const DOCUMENTS = [
  'README.md',
  'CONTRIBUTING.md',
  'examples/README.md',
  'bench/README.md',
  'native/README.md',
  'spec/marbles/README.md',
];

/** Folders of documents. */
const FOLDERS = ['docs', 'bench/doc', 'spec/interop', 'spec/interop/deviations'];

export function documents(): string[] {
  const pages = FOLDERS.flatMap((folder) => readdirSync(ROOT + folder).map((name) => `${folder}/${name}`));
  return [...DOCUMENTS, ...pages.filter((path) => path.endsWith('.md'))];
}

export function blocksOfDocuments(): CodeBlock[] {
  return documents().flatMap((path) => {
    const text = readFileSync(ROOT + path, 'utf8');
    return Array.from(text.matchAll(/^```(ts|js)\n(.*?)^```$/gms), ({ 1: language, 2: code, index }) => ({
      where: `${path}:${text.slice(0, index).split('\n').length + 1}`,
      language: language as 'ts' | 'js',
      code: code ?? '',
    }));
  });
}

/** What stands behind `@example`, up to the next tag or the end of the comment. */
export function examplesOfComments(): CodeBlock[] {
  const paths = ['src', 'operators'].flatMap((folder) =>
    readdirSync(ROOT + folder, { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith('.ts'))
      .map((path) => `${folder}/${path}`),
  );
  return paths.flatMap((path) => {
    const text = readFileSync(ROOT + path, 'utf8');
    return Array.from(text.matchAll(/^ *\* @example\n(.*?)(?=^ *\* @|^ *\*\/)/gms), ({ 1: lines = '', index }) => ({
      where: `${path}:${text.slice(0, index).split('\n').length + 1}`,
      language: 'ts' as const,
      code: lines.replace(/^ *\* ?/gm, '').replace(/^```\w*$/gm, ''),
    }));
  });
}

/** What is in files, by path: programs of the same options share it, for reading it is most of their work. */
const parsed = new Map<string, ts.SourceFile | undefined>();

/** A program of `texts`, by path, which are in no file. All programs of a process are to have the same language options. */
export function programWith(texts: ReadonlyMap<string, string>, options: ts.CompilerOptions): ts.Program {
  const host = ts.createCompilerHost(options);
  const { readFile, fileExists, getSourceFile } = host;
  host.fileExists = (path) => texts.has(path) || fileExists(path);
  host.readFile = (path) => texts.get(path) ?? readFile(path);
  host.getSourceFile = (path, version, ...rest) => {
    const text = texts.get(path);
    if (text !== undefined) return ts.createSourceFile(path, text, version, true);
    if (!parsed.has(path)) parsed.set(path, getSourceFile(path, version, ...rest));
    return parsed.get(path);
  };
  return ts.createProgram([...texts.keys()], options, host);
}

/** Compiles all, with the sources, as strictly as them. What is wrong, in words, by the place of the block. */
export function typeErrors(blocks: readonly CodeBlock[]): string[] {
  const config = ts.parseJsonConfigFileContent(
    { extends: './tsconfig.json', include: [], files: ['src/index.ts'] },
    ts.sys,
    ROOT,
  );
  const options: ts.CompilerOptions = { ...config.options, noUnusedLocals: false, noUnusedParameters: false };
  const virtual = new Map(blocks.map((block, i) => [`${ROOT}spec/block-${i}.ts`, block]));
  const program = programWith(new Map(Array.from(virtual, ([path, { code }]) => [path, code])), options);
  return [...virtual].flatMap(([path, { where }]) => {
    const file = program.getSourceFile(path);
    return [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)].map(
      ({ messageText }) => `${where}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`,
    );
  });
}
