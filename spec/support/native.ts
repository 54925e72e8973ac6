// The links over UDP that there are to test: node:dgram, and the native one where it was built (npm run build:native).

import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { type Addon, type Handle, nativeAddon } from '../../src/link/udp/native/addon.ts';

const require = createRequire(import.meta.url);
const { RXKCP_FAULTS } = process.env;
/** Where the build of the addon for specs is. */
export const FAULTS =
  RXKCP_FAULTS ?? fileURLToPath(new URL('../../native/faults/build/Release/faults.node', import.meta.url));

/** The build of the addon for specs (native/faults). */
export interface FaultyAddon extends Addon {
  /**
   * Makes the next `times` calls fail with `errno`, or only those that begin with a segmented message.
   *
   * @returns how many failures were left of those told before.
   */
  fail(call: 'send' | 'receive', errno: number, times: number, segmentedOnly: boolean): number;
  /** The value of a socket option. */
  look(handle: Handle, level: number, option: number): number | undefined;
  /** Leaves its ciphers and its FEC the instructions of a level (native/src/processor.h); whether this processor has such. */
  limit(level: number): boolean;
  /** The tag of whole blocks with a one-time key; false where ChaCha20-Poly1305 is not the addon's. */
  poly1305(key: Uint8Array, blocks: Uint8Array, tag: Uint8Array): boolean;
}

/** Calls `suite` for each link, which is the one that is used while its tests run. */
export function describeLinks(suite: () => void): void {
  describe('over node:dgram:', () => {
    setLink('0');
    suite();
  });
  describeNative('over the native link:', () => {
    setLink('1');
    suite();
  });
}

/** A suite about the native link. Without it, it is skipped; in CI it fails. */
export function describeNative(title: string, suite: (addon: Addon) => void): void {
  const addon = withoutSwitch(nativeAddon);
  describeWith(title, addon, 'npm run build:native', suite);
}

/** The same for the build with faults. */
export function describeFaults(title: string, suite: (addon: FaultyAddon) => void): void {
  const addon = existsSync(FAULTS) ? (require(FAULTS) as FaultyAddon) : undefined;
  describeWith(title, addon, 'npm run build:native -- --faults', suite);
}

function describeWith<T>(title: string, addon: T | undefined, build: string, suite: (addon: T) => void): void {
  if (addon !== undefined) {
    describe(title, () => suite(addon));
  } else if (process.env.CI === 'true') {
    test(`${title} was built`, () => {
      throw new Error(`${build} has not been run`);
    });
  } else {
    console.warn(`skipped, without the native link: ${title} (${build})`);
    describe.skip(title, () => suite({} as T));
  }
}

function setLink(value: '0' | '1'): void {
  const before = process.env.RXKCP_NATIVE;
  beforeAll(() => {
    process.env.RXKCP_NATIVE = value;
  });
  afterAll(() => restore(before));
}

function withoutSwitch<T>(read: () => T): T {
  const before = process.env.RXKCP_NATIVE;
  delete process.env.RXKCP_NATIVE;
  try {
    return read();
  } finally {
    restore(before);
  }
}

function restore(before: string | undefined): void {
  if (before === undefined) delete process.env.RXKCP_NATIVE;
  else process.env.RXKCP_NATIVE = before;
}
