// node:crypto, which takes Node some milliseconds to load: not with the package, but when a cipher first needs it.

import module from 'node:module';

let loaded: typeof import('node:crypto') | undefined;

export function nodeCrypto(): typeof import('node:crypto') {
  // From anywhere: a bundle in CommonJS has no import.meta.url.
  loaded ??= module.createRequire(process.execPath)('node:crypto') as typeof import('node:crypto');
  return loaded;
}
