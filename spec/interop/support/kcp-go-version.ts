// Which kcp-go the peers are: the newest, or the one that came before its rewrite. Both are deployed, and on the wire they are one.

import { fileURLToPath } from 'node:url';

/** Every version that go.mod files pin; the first unless RXKCP_KCP_GO names another. */
export const KCP_GO_VERSIONS = ['5.7.5', '5.6.72'] as const;

export type KcpGoVersion = (typeof KCP_GO_VERSIONS)[number];

/** Folder of the programs' sources. */
export const GO_SOURCES = fileURLToPath(new URL('../peers/go', import.meta.url));

/** @throws Error that names those there are. */
export function kcpGoVersion(asked: string = process.env.RXKCP_KCP_GO || KCP_GO_VERSIONS[0]): KcpGoVersion {
  const version = KCP_GO_VERSIONS.find((known) => known === asked);
  if (version === undefined)
    throw new Error(`there is no peer of kcp-go ${asked}, only of ${KCP_GO_VERSIONS.join(', ')}`);
  return version;
}

/** Flags of `go` that choose the version. */
export function goFlagsFor(version: KcpGoVersion): string[] {
  return version === KCP_GO_VERSIONS[0] ? [] : [`-modfile=kcp-go-${version}.mod`];
}

/** Folder of the built programs. */
export function goPrograms(version: KcpGoVersion): string {
  return fileURLToPath(new URL(`../peers/bin/${version}`, import.meta.url));
}
