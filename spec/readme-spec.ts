// The README's example of a test in virtual time does what it says.

import assert from 'node:assert';
import { readFileSync } from 'node:fs';
import * as testing from 'rxkcp/testing';
import { expect, test, vi } from 'vitest';

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
const modules: Readonly<Record<string, unknown>> = { 'node:assert': assert, 'rxkcp/testing': testing };

test('the example of "Test your protocol in virtual time" runs', () => {
  const section = readme.split('## Test your protocol in virtual time')[1] ?? '';
  const example = /```js\n(.*?)```/s.exec(section)?.[1] ?? expect.fail('there is no example');
  const program = example.replace(/^import (\{.*?\}) from '(.*?)';$/gm, "const $1 = modules['$2'];");
  const log = vi.spyOn(console, 'log').mockImplementation(() => {});
  new Function('modules', program)(modules);
  const lines = log.mock.calls.flat().join('\n').split('\n');
  log.mockRestore();
  expect(lines[0]).toMatch(/^\d+ virtual ms, \d+ events, hash [0-9a-f]{16}$/);
  expect(lines[1]).toBe('       0 left  sent       PUSH sn=0 frg=0 una=0 wnd=128 len=1');
  expect(lines).toHaveLength(11);
});
