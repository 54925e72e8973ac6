// Which copy of RxJS the specs run with, and that it has all that we import of it.

import { readdirSync, readFileSync } from 'node:fs';
import * as rxjs from 'rxjs';
import { expect, test } from 'vitest';
import { ROOT } from '../support/code-blocks.ts';

test('it is the one that was asked for', () => {
  // Version 8 has this operator of operators, and version 7 has not.
  expect('operate' in rxjs).toBe(process.env.RXKCP_RXJS?.endsWith('rxjs-8') ?? false);
});

test('it has every name that the sources import', () => {
  const paths = ['src', 'operators'].flatMap((folder) =>
    readdirSync(ROOT + folder, { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith('.ts'))
      .map((path) => `${folder}/${path}`),
  );
  const names = paths.flatMap((path) =>
    Array.from(readFileSync(ROOT + path, 'utf8').matchAll(/^import \{([^}]*)\} from 'rxjs';$/gm), ([, list = '']) =>
      list.split(',').map((name) => name.trim()),
    ).flat(),
  );
  const values = names.filter((name) => name !== '' && !name.startsWith('type '));
  expect(values.length).toBeGreaterThan(20);
  expect(values.filter((name) => !(name in rxjs))).toEqual([]);
});
