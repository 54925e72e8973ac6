// The C core (ikcp.c), as the addon node-kcp: installed on its own, beside the interop specs that need it.

import { createRequire } from 'node:module';

const require = createRequire(new URL('../spec/interop/peers/c-core/package.json', import.meta.url));

/** @returns where the addon is, or why there is none. */
export function findCCore(): { readonly addon: string } | { readonly missing: string } {
  try {
    const addon = require.resolve('node-kcp/index.js');
    // It may be there without having been built.
    require(addon);
    return { addon };
  } catch {
    return { missing: 'npm ci --prefix spec/interop/peers/c-core' };
  }
}
