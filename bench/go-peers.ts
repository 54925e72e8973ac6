// The programs around kcp-go (spec/interop/peers/go): built if there is a Go on this machine, else taken as they are.

import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const SOURCE = fileURLToPath(new URL('../spec/interop/peers/go', import.meta.url));
const BIN = fileURLToPath(new URL('../spec/interop/peers/bin', import.meta.url));
const PROGRAMS = ['peer', 'flush', 'crypt', 'fec'] as const;

/** @returns the folder of the programs, or why there is none. */
export function findGoPeers(): { readonly folder: string } | { readonly missing: string } {
  // Takes a moment only when nothing has changed, and keeps programs of yesterday's sources out.
  const built = spawnSync('go', ['build', '-o', `${BIN}/`, './cmd/...'], {
    cwd: SOURCE,
    encoding: 'utf8',
    timeout: 300_000,
  });
  if (built.error === undefined && built.status !== 0) return { missing: `go build failed: ${built.stderr.trim()}` };
  if (PROGRAMS.every((name) => existsSync(`${BIN}/${name}`))) return { folder: BIN };
  return { missing: 'there is no Go on this machine to build it with' };
}
