// Suites that need a peer of another implementation. Without it they are skipped, and say so in one line; in CI they
// fail, since an interop run without peers proves nothing.

import { describe, test } from 'vitest';

/** A peer, and why it cannot be used, if it cannot. */
export interface Presence {
  readonly peer: string;
  readonly missing: string | undefined;
}

/** `describe` for a suite that talks to a peer. */
export function describeWith({ peer, missing }: Presence, title: string, suite: () => void): void {
  if (missing === undefined) {
    describe(title, suite);
  } else if (process.env.CI === 'true') {
    test(`${title}: has ${peer} to talk to`, () => {
      throw new Error(missing);
    });
  } else {
    console.warn(`skipped, without ${peer}: ${title} (${missing})`);
    describe.skip(title, suite);
  }
}
