// #memory where there is none without zeros.

/** New memory with any content: write all of it before you read it. */
export function freshBytes(length: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array(length);
}
