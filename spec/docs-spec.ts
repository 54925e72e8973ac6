// What the documents say is code, is: every block of TypeScript or JavaScript compiles against the sources and runs, every
// example of a doc comment compiles.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync, writeFileSync } from 'node:fs';
import * as rxjs from 'rxjs';
import * as rxkcp from 'rxkcp';
import * as adapters from 'rxkcp/adapters';
import * as mux from 'rxkcp/mux';
import * as node from 'rxkcp/node';
import * as operators from 'rxkcp/operators';
import * as resume from 'rxkcp/resume';
import * as streams from 'rxkcp/streams';
import * as testing from 'rxkcp/testing';
import { describe, expect, test } from 'vitest';
import { bundleForNode } from './support/bundle.ts';
import { blocksOfDocuments, type CodeBlock, examplesOfComments, ROOT, typeErrors } from './support/code-blocks.ts';

/** A block with this line in it is a server, say. It is stopped after a while, and must not have failed until then. */
const ENDLESS = '// runs until you stop it';
const ENDLESS_MS = 1500;
const MOST_MS = 60_000;

const blocks = blocksOfDocuments();

/** Runs a program in a process of its own; what it has printed, if all went well. */
async function run({ code, language, where }: CodeBlock, ports: number): Promise<string> {
  // The ports of the documents are 4000 to 4009, and may be taken.
  const own = code.replace(/\b400(\d)\b/g, (_, digit: string) => String(ports + Number(digit)));
  const file = `${ROOT}spec/.block-${process.pid}-${ports}.mjs`;
  writeFileSync(file, (await bundleForNode(own, language)).code);
  const child = spawn(process.execPath, [file], { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
  const endless = code.includes(ENDLESS);
  const timer = setTimeout(() => child.kill('SIGKILL'), endless ? ENDLESS_MS : MOST_MS);
  const [exitCode] = (await once(child, 'close')) as [number | null];
  clearTimeout(timer);
  rmSync(file);
  if (exitCode !== (endless ? null : 0)) throw new Error(`${where} ended with ${exitCode}\n${output}`);
  return output;
}

describe('the code in the documents', () => {
  test('is there', () => {
    expect(blocks.length).toBeGreaterThan(9);
  });

  test('compiles', () => {
    expect(typeErrors(blocks.filter(({ language }) => language === 'ts'))).toEqual([]);
  });

  // From a port that other runs of this spec are unlikely to have.
  const firstPort = 20_000 + 10 * (process.pid % 1000);
  // Each in a process of its own: they can run, and wait, beside each other.
  test.concurrent.each(blocks.map((block, i) => ({ ...block, i })))('runs: $where', async ({ i, ...block }) => {
    await run(block, firstPort + 10 * i);
  });

  test('says what it prints: the example of virtual time', async () => {
    const block =
      blocks.find(({ code }) => code.includes("from 'rxkcp/testing'")) ?? expect.fail('there is no example');
    const lines = (await run(block, firstPort - 10)).trimEnd().split('\n');
    expect(lines[0]).toMatch(/^\d+ virtual ms, \d+ events, hash [0-9a-f]{16}$/);
    expect(lines[1]).toBe('       0 left  sent       PUSH sn=0 frg=0 una=0 wnd=128 len=1');
    expect(lines).toHaveLength(11);
  });
});

describe('the examples in doc comments', () => {
  /** What an example may take for granted, with its type. */
  const GIVEN: Readonly<Record<string, string>> = {
    session: "import('rxkcp').Session",
    link: "import('rxkcp').Link",
    key: 'Uint8Array',
    hello: 'Uint8Array',
    question: 'Uint8Array',
    said$: "import('rxjs').Observable<Uint8Array>",
    messages: "import('rxjs').Observable<Uint8Array>",
    burst$: "import('rxjs').Observable<import('rxkcp').Burst>",
    readings: "import('rxjs').Observable<object>",
    receive: "import('rxkcp/operators').Arq['receive']",
    transmit: "import('rxkcp/operators').Arq['transmit']",
    cipher: "import('rxkcp').Cipher",
    channel: "import('rxkcp').DataChannelLike",
    button: "{ when(type: string): import('rxkcp/adapters').PlatformObservable<Event> }",
    worker: "import('node:worker_threads').Worker",
    file: "import('node:buffer').Blob",
    readline: "import('node:readline').Interface",
    MessageChannel: "typeof import('node:worker_threads').MessageChannel",
  };
  const IMPORTS: Readonly<Record<string, readonly string[]>> = {
    rxjs: Object.keys(rxjs).filter((name) => !(name in rxkcp)),
    rxkcp: Object.keys(rxkcp),
    'rxkcp/adapters': Object.keys(adapters),
    'rxkcp/mux': Object.keys(mux),
    'rxkcp/node': Object.keys(node),
    'rxkcp/operators': Object.keys(operators),
    'rxkcp/resume': Object.keys(resume),
    'rxkcp/streams': Object.keys(streams),
    'rxkcp/testing': Object.keys(testing),
    'node:assert': ['deepStrictEqual'],
    'node:fs': ['createReadStream'],
    'node:stream': ['pipeline'],
    comlink: ['wrap'],
    '@noble/ciphers/chacha.js': ['xchacha20poly1305'],
  };

  /** The example with what it leaves out: imports of what it uses, and what it takes for granted. */
  function completed(example: CodeBlock): CodeBlock {
    const declared = new Set(
      Array.from(example.code.matchAll(/\bconst (?:\{([^}]*)\}|\[([^\]]*)\]|(\w+))/g), ([, braces, brackets, name]) =>
        (braces ?? brackets ?? name ?? '').split(',').map((part) => part.trim()),
      ).flat(),
    );
    const used = (name: string): boolean =>
      !declared.has(name) && new RegExp(`(?<![\\w.$'])${name.replace('$', '\\$')}(?![\\w$'])`).test(example.code);
    const lines = Object.entries(IMPORTS).flatMap(([module, names]) => {
      const wanted = names.filter(used);
      return wanted.length > 0 ? [`import { ${wanted.join(', ')} } from '${module}';`] : [];
    });
    if (used('net')) lines.push("import net from 'node:net';");
    if (/\bCalculator\b/.test(example.code)) lines.push('interface Calculator { add(a: number, b: number): number }');
    if (/\bReading\b/.test(example.code)) lines.push('interface Reading { readonly value: number }');
    for (const [name, type] of Object.entries(GIVEN)) if (used(name)) lines.push(`declare const ${name}: ${type};`);
    return { ...example, code: [...lines, example.code, 'export {};'].join('\n') };
  }

  test('compile', () => {
    const examples = examplesOfComments();
    expect(examples.length).toBeGreaterThan(20);
    expect(typeErrors(examples.map(completed))).toEqual([]);
  });
});
