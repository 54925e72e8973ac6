// What runs `rxkcp tunnel` on a server: the Dockerfile and the unit of systemd.

import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { validate } from 'dockerfile-utils';
import { describe, expect, test } from 'vitest';

const { bin, scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as {
  readonly bin: Readonly<Record<string, string>>;
  readonly scripts: Readonly<Record<string, string>>;
};
const UNIT = 'cli/rxkcp-tunnel@.service';

test('the Dockerfile is valid, builds with a script that there is, and starts a command that there is', () => {
  const dockerfile = readFileSync('cli/Dockerfile', 'utf8');
  expect(validate(dockerfile).map(({ message }) => message)).toEqual([]);
  for (const [, name] of dockerfile.matchAll(/npm run (\S+)/g)) expect(Object.keys(scripts)).toContain(name);
  const [, entry] = /^ENTRYPOINT (.*)$/m.exec(dockerfile) ?? [];
  expect(Object.keys(bin)).toEqual(JSON.parse(entry as string));
});

test('a Dockerfile that is not valid is told apart', () => {
  expect(validate('FROM node\nRUNN npm ci\n')).toHaveLength(1);
});

// Not every system has it, and it is no peer of ours.
const hasSystemd = spawnSync('systemd-analyze', ['--version']).status === 0;
if (!hasSystemd) console.warn('without systemd-analyze: the unit of systemd is not verified');
else verifyUnit();

function verifyUnit(): void {
  describe('the unit of systemd', () => {
    function verify(text: string | undefined): string {
      const folder = mkdtempSync(join(tmpdir(), 'rxkcp-unit-'));
      try {
        const unit = join(folder, 'rxkcp-tunnel@server.service');
        copyFileSync(UNIT, unit);
        if (text !== undefined) execFileSync('sed', ['-i', text, unit]);
        const { status, stderr } = spawnSync('systemd-analyze', ['verify', unit], { encoding: 'utf8' });
        return `${status} ${stderr.trim()}`.trim();
      } finally {
        rmSync(folder, { recursive: true });
      }
    }

    test('is valid', () => {
      expect(verify(undefined)).toBe('0');
    });

    test('is found wrong where a setting is misspelt', () => {
      expect(verify('s/^DynamicUser/DynamikUser/')).toContain('DynamikUser');
    });
  });
}
