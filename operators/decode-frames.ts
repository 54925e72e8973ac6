import type { OperatorFunction } from 'rxjs';
import { FrameDecoder, type FrameOptions, frameFormat } from '../src/framing/frames.ts';
import { unframe } from '../src/framing/unframe.ts';

/**
 * Splits a byte stream into the messages that {@link encodeFrames} has prefixed with their length.
 *
 * Chunks may be cut anywhere. Each chunk emits all messages that it completes. At most one incomplete frame is buffered.
 *
 * ```
 * chunks     --3---ab---(c 1 d)-----|
 *            decodeFrames({ prefixBytes: 1 })
 * messages   -----------(abc d)-----|
 * ```
 *
 * - `FrameTooLargeError`: a prefix announces more than `maxLength` bytes. No byte of that frame is buffered.
 * - `TruncatedFrameError`: the source completed within a frame.
 *
 * Each message has its own buffer, which belongs to the subscriber. Chunks are lent for the duration of `next`. Completion and errors of the
 * source are forwarded. Each subscription must begin at a message boundary.
 *
 * @example
 * session.pipe(decodeFrames({ maxLength: 65_536 })).subscribe(message => console.log(message));
 *
 * @param options prefix and limit; see {@link FrameOptions}.
 * @throws OptionError if an option is invalid; `error.option` names it.
 */
export function decodeFrames(options: FrameOptions = {}): OperatorFunction<Uint8Array, Uint8Array> {
  const format = frameFormat(options);
  return unframe(() => new FrameDecoder(format));
}
