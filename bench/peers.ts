// Who can take part on this machine: rxkcp, and those it is compared with.

import type { KcpGoVersion } from '../spec/interop/support/kcp-go-version.ts';
import { findCCore, findUdx } from './addons.ts';
import { type Bench, nodeCommand } from './bench.ts';
import { findGoPeers } from './go-peers.ts';
import { OURS, type Subject } from './work.ts';

/** Makes the command of one of a subject's programs. */
type Programs = (name: Parameters<Bench['command']>[1], nodeFlags?: readonly string[]) => ReturnType<Bench['command']>;

/** The programs of a subject, or what is missing. */
type Presence = { readonly programs: Programs } | { readonly missing: string };

export function findSubjects(version: KcpGoVersion): Readonly<Record<Subject, Presence>> {
  const go = findGoPeers(version);
  return {
    [OURS]: { programs: nodeCommand },
    'rxkcp-dgram': { programs: (name, nodeFlags) => [...nodeCommand(name, nodeFlags), '--dgram'] },
    'kcp-go': 'missing' in go ? go : { programs: (name) => [`${go.folder}/${name}`] },
    'node-kcp': withAddon('c', findCCore()),
    'udx-native': withAddon('udx', findUdx()),
    'node:dgram': { programs: (name, nodeFlags) => nodeCommand(`dgram-${name}`, nodeFlags) },
    'node:net': { programs: (name, nodeFlags) => nodeCommand(`tcp-${name}`, nodeFlags) },
    'erasure.wasm': { programs: (name, nodeFlags) => [...nodeCommand(name, nodeFlags), '--codec=npm'] },
    portable: { programs: (name, nodeFlags) => [...nodeCommand(name, nodeFlags), '--codec=portable'] },
  };
}

/** Programs of the bench that are named after what they use, and get its path. */
function withAddon(prefix: string, found: ReturnType<typeof findUdx>): Presence {
  if ('missing' in found) return found;
  return { programs: (name, nodeFlags) => [...nodeCommand(`${prefix}-${name}`, nodeFlags), `--addon=${found.addon}`] };
}
