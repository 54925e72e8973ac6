// The kcp-go programs, built when they are missing or older than their sources. Spec files run in processes of their
// own, at the same time: each build goes to a folder of its own and is then renamed into place, so nobody ever
// sees, or runs, half a binary.

import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { GO_SOURCES, goFlagsFor, goPrograms, kcpGoVersion } from './kcp-go-version.ts';
import type { Presence } from './peer-presence.ts';

const version = kcpGoVersion();
const folder = goPrograms(version);
/** Environment in which `go` has the version. */
export const goEnvironment = { ...process.env, GOFLAGS: goFlagsFor(version).join(' ') };

/** Path of one of the programs in ../peers/go/cmd. */
export function goProgram(name: string): string {
  return join(folder, process.platform === 'win32' ? `${name}.exe` : name);
}

export const kcpGo: Presence = { peer: `kcp-go v${version}`, missing: build() };

/** Returns what is in the way of having the binary. */
function build(): string | undefined {
  if (isFresh()) return undefined;
  mkdirSync(folder, { recursive: true });
  const own = mkdtempSync(join(folder, 'build-'));
  try {
    execFileSync('go', ['build', '-o', own, './cmd/...'], { cwd: GO_SOURCES, env: goEnvironment, stdio: 'pipe' });
    for (const name of readdirSync(own)) renameSync(join(own, name), join(dirname(own), name));
    return undefined;
  } catch (error) {
    const { code, stderr } = error as NodeJS.ErrnoException & { stderr?: Buffer };
    return code === 'ENOENT' ? 'go is not installed' : `go build failed: ${stderr ?? error}`;
  } finally {
    rmSync(own, { recursive: true, force: true });
  }
}

function isFresh(): boolean {
  const programs = readdirSync(join(GO_SOURCES, 'cmd')).map(goProgram);
  const built = programs.map((program) => statSync(program, { throwIfNoEntry: false })?.mtimeMs ?? 0);
  const files = readdirSync(GO_SOURCES, { recursive: true, encoding: 'utf8' });
  return files.every((file) => statSync(join(GO_SOURCES, file)).mtimeMs <= Math.min(...built));
}
