// A conversation as the works of a client see it, whoever's it is.

export interface Line {
  /** Resolves when there is room for more. */
  send(message: Uint8Array): Promise<void>;
}

/** Opens one, and hands on what comes back. */
export type Dial = (received: (bytes: Uint8Array) => void) => Promise<Line>;

/** A sink has received everything. */
export const DONE = Uint8Array.of(0x06);
