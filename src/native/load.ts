// Where the addon of native/ comes from: one for all that use it (link/udp/native, core/crypto/node).

// (Not by name: webpack would put its own in place of `createRequire`.)
import module from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { debuglog } from 'node:util';

const debug = debuglog('rxkcp');
const said = new Map<string, string>();
/** Null: looked for, and not found; then why. */
let loaded: object | null | undefined;
let missing = '';

/**
 * The addon's exports; undefined where there is none, and while RXKCP_NATIVE is 0. With NODE_DEBUG=rxkcp a line says which: `what`
 * is done by it, or else by `otherwise`.
 */
export function loadAddon(what: string, otherwise: string): object | undefined {
  if (process.env.RXKCP_NATIVE === '0') {
    say(what, `by ${otherwise}: RXKCP_NATIVE is 0`);
    return undefined;
  }
  if (loaded === undefined) {
    try {
      loaded = load();
    } catch (error) {
      loaded = null;
      missing = (error as Error).message;
    }
  }
  if (loaded === null) say(what, `by ${otherwise}: ${missing}`);
  return loaded ?? undefined;
}

/** Once, not for each socket or cipher. */
export function say(what: string, how: string): void {
  if (said.get(what) === how) return;
  said.set(what, how);
  debug(`${what} ${how}`);
}

function load(): object {
  if (process.platform !== 'linux') throw new Error(`the native link is for Linux, this is ${process.platform}`);
  // Others have no libuv below their Node-API.
  if ('bun' in process.versions || 'deno' in process.versions) throw new Error('the native link is for Node');
  const { RXKCP_PREBUILD: prebuild } = process.env;
  if (prebuild !== undefined && prebuild !== '') return named(resolve(prebuild));
  return beside();
}

/** The file that RXKCP_PREBUILD names, for bundles, which leave it behind. That it cannot be loaded is said without NODE_DEBUG, too. */
function named(file: string): object {
  try {
    return module.createRequire(process.execPath)(file) as object;
  } catch (error) {
    const failure = new Error(`RXKCP_PREBUILD: ${(error as Error).message}`, { cause: error });
    process.emitWarning(failure.message);
    throw failure;
  }
}

/** That of the package, the one that fits. */
function beside(): object {
  let require: NodeJS.Require;
  let folder: string;
  try {
    require = module.createRequire(import.meta.url);
    folder = join(dirname(require.resolve('rxkcp/package.json')), 'native');
  } catch {
    throw new Error('the package is not where this file is (is it a bundle?), and RXKCP_PREBUILD names no prebuild');
  }
  try {
    return require('node-gyp-build')(folder) as object;
  } catch (error) {
    // It finds out about musl by a file of Alpine; other systems get the prebuild for glibc.
    if (hasGlibc()) throw error;
    return require(join(folder, `prebuilds/linux-${process.arch}/rxkcp.musl.node`)) as object;
  }
}

function hasGlibc(): boolean {
  const { header } = process.report.getReport() as { readonly header: { readonly glibcVersionRuntime?: string } };
  return header.glibcVersionRuntime !== undefined;
}
