// #memory where there is none without zeros.

/** Memory of any content, of its own: to be written to from end to end before anybody reads it. */
export function freshBytes(length: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array(length);
}
