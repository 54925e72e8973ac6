// The operator around every decoder: chunks in, whatever is complete out.

import { concat, defer, mergeMap, type OperatorFunction } from 'rxjs';

/** Finds message boundaries in chunks. */
export interface Decoder<T> {
  /** What `chunk` completes, in order. @throws when the stream is not what it should be. */
  decode(chunk: Uint8Array): Iterable<T>;
  /** What the end of the stream completes. @throws when it should not end here. */
  end(): Iterable<T>;
}

/**
 * Runs one decoder for each subscription. A subscriber that has its source emit while it is emitted to gets everything in
 * order: the decoder goes on where it is, whoever asks.
 */
export function unframe<T>(make: () => Decoder<T>): OperatorFunction<Uint8Array, T> {
  return (source) =>
    defer(() => {
      const decoder = make();
      return concat(
        source.pipe(mergeMap((chunk) => decoder.decode(chunk))),
        defer(() => decoder.end()),
      );
    });
}
