// The page about errors has every code, and no other.

import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { ROOT } from '../support/code-blocks.ts';

/** Codes that Node has. */
const OF_NODE = ['ERR_SOCKET_DGRAM_NOT_RUNNING', 'ERR_SOCKET_DGRAM_NOT_CONNECTED'];

const codesOf = (text: string): string[] => text.match(/\bERR_[A-Z_]+\b/g) ?? [];

test('every code of an error is explained, once, and no other', () => {
  const sources = ['src', 'operators'].flatMap((folder) =>
    readdirSync(ROOT + folder, { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith('.ts'))
      .map((path) => readFileSync(`${ROOT}${folder}/${path}`, 'utf8')),
  );
  const codes = new Set(sources.flatMap(codesOf).filter((code) => !OF_NODE.includes(code)));
  expect(codes.size).toBeGreaterThan(30);
  expect(codesOf(readFileSync(`${ROOT}docs/errors.md`, 'utf8')).sort()).toEqual([...codes].sort());
});
