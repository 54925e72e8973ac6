// The words that two ends of this project say to each other, as bits: see farewell.ts.

/** I send nothing from `sn` on. */
export const FINISHED = 1;
/** This end has left: what you send is not read. */
export const LEFT = 2;
/** By so many bits higher: I know that you have FINISHED, that you have LEFT. */
export const KNOWN = 2;
/** This wants no answer. By itself, on an ack or a window command, it says that its sender understands words, and needs no proof. */
export const ANSWER = 16;
export const BY_OWN_CLOCK = 32;
/** I take up no conversation with you: I have as many as I may. */
export const FULL = 64;
/** I take up no conversation any more: I am closing. */
export const CLOSING = 128;
