// Peers that are addons of Node, installed on their own: the C core (ikcp.c), as node-kcp, with the interop specs that need it,
// and UDX.

import { createRequire } from 'node:module';

/** Where an addon is, or why there is none. */
type Found = { readonly addon: string } | { readonly missing: string };

export function findCCore(): Found {
  return find('spec/interop/peers/c-core', 'node-kcp/index.js');
}

export function findUdx(): Found {
  return find('bench/peers', 'udx-native');
}

/** @param folder from the root of the repository. */
function find(folder: string, name: string): Found {
  const require = createRequire(new URL(`../${folder}/package.json`, import.meta.url));
  try {
    const addon = require.resolve(name);
    // It may be there without having been built.
    require(addon);
    return { addon };
  } catch {
    return { missing: `npm ci --prefix ${folder}` };
  }
}
