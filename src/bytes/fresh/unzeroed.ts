// #memory on Node: fresh memory without zeros in it, which take longer than all else, and without page faults, which come next.

/** Below so many bytes the zeros cost less than a Buffer does. */
const SMALL = 4096;
/**
 * glibc returns memory to the system as soon as 128 KiB are free at the end of its heap, and the collector frees megabytes of slabs and
 * messages at a time: a fifth of a receiver's time went into having them back page by page. The largest block that was mapped and freed
 * tells glibc how much to keep: twice as much (mallopt(3), M_TRIM_THRESHOLD). It is never written to, and only processes that move
 * so much have it.
 */
const FREED_BLOCK = 31 * 1024 * 1024;
/** Bytes given out before that: only processes that move so much have the block. */
const MUCH = 16 * 1024 * 1024;

/** Bytes given out until then. */
let untilFreed = MUCH;

/** New memory with any content: write all of it before you read it. */
export function freshBytes(length: number): Uint8Array<ArrayBuffer> {
  if (length < SMALL) return new Uint8Array(length);
  if (untilFreed > 0) {
    untilFreed -= length;
    if (untilFreed <= 0) Buffer.allocUnsafeSlow(FREED_BLOCK);
  }
  // Not of the pool: its offset is 0, and its length all there is.
  return new Uint8Array(Buffer.allocUnsafeSlow(length).buffer as ArrayBuffer);
}
