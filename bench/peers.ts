// Who can take part on this machine: rxkcp, and those it is compared with.

import { type Bench, nodeCommand } from './bench.ts';
import { findCCore } from './c-core.ts';
import { findGoPeers } from './go-peers.ts';
import { OURS, type Subject } from './work.ts';

/** Makes the command of one of a subject's programs. */
type Programs = (name: Parameters<Bench['command']>[1], nodeFlags?: readonly string[]) => ReturnType<Bench['command']>;

/** The programs of a subject, or what is missing. */
type Presence = { readonly programs: Programs } | { readonly missing: string };

export function findSubjects(): Readonly<Record<Subject, Presence>> {
  const go = findGoPeers();
  const c = findCCore();
  return {
    [OURS]: { programs: nodeCommand },
    'rxkcp-dgram': { programs: (name, nodeFlags) => [...nodeCommand(name, nodeFlags), '--dgram'] },
    'kcp-go': 'missing' in go ? go : { programs: (name) => [`${go.folder}/${name}`] },
    'node-kcp':
      'missing' in c
        ? c
        : { programs: (name, nodeFlags) => [...nodeCommand(`c-${name}`, nodeFlags), `--addon=${c.addon}`] },
    'erasure.wasm': { programs: (name, nodeFlags) => [...nodeCommand(name, nodeFlags), '--codec=npm'] },
    portable: { programs: (name, nodeFlags) => [...nodeCommand(name, nodeFlags), '--codec=portable'] },
  };
}
