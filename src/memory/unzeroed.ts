// #memory on Node: fresh memory without zeros in it, which take longer than all else.

/** Below so many bytes the zeros cost less than a Buffer does. */
const SMALL = 4096;

/** Memory of any content, of its own: to be written to from end to end before anybody reads it. */
export function freshBytes(length: number): Uint8Array<ArrayBuffer> {
  if (length < SMALL) return new Uint8Array(length);
  // Not of the pool: its offset is 0, and its length all there is.
  return new Uint8Array(Buffer.allocUnsafeSlow(length).buffer as ArrayBuffer);
}
