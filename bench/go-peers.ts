// The programs around kcp-go (spec/interop/peers/go): built if there is a Go on this machine, else taken as they are.

import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { GO_SOURCES, goFlagsFor, goPrograms, type KcpGoVersion } from '../spec/interop/support/kcp-go-version.ts';

const PROGRAMS = ['peer', 'flush', 'crypt', 'fec'] as const;

/** @returns the folder of the programs around kcp-go, or why there is none. */
export function findGoPeers(version: KcpGoVersion): { readonly folder: string } | { readonly missing: string } {
  // Takes a moment only when nothing has changed, and keeps programs of yesterday's sources out.
  const folder = goPrograms(version);
  const built = spawnSync('go', ['build', ...goFlagsFor(version), '-o', `${folder}/`, './cmd/...'], {
    cwd: GO_SOURCES,
    encoding: 'utf8',
    timeout: 300_000,
  });
  if (built.error === undefined && built.status !== 0) return { missing: `go build failed: ${built.stderr.trim()}` };
  if (PROGRAMS.every((name) => existsSync(`${folder}/${name}`))) return { folder };
  return { missing: 'there is no Go on this machine to build it with' };
}
