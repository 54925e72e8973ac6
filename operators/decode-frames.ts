import type { OperatorFunction } from 'rxjs';
import { FrameDecoder, type FrameOptions, frameFormat } from '../src/framing/frames.ts';
import { unframe } from '../src/framing/unframe.ts';

/**
 * Borders for a stream of bytes, inbound: finds the messages that {@link encodeFrames} has framed.
 *
 * Chunks may be cut anywhere. All messages that a chunk completes are emitted with it. What waits is less than one frame: a
 * prefix that announces more than `maxLength` bytes ends the stream with `FrameTooLargeError` before any of
 * them is kept. A source that completes within a frame ends it with `TruncatedFrameError`.
 *
 * ```
 * chunks     --3---ab---(c 1 d)-----|
 *            decodeFrames({ prefixBytes: 1 })
 * messages   -----------(abc d)-----|
 * ```
 *
 * Each message is the subscriber's alone, in a buffer of its own. Chunks are lent for the duration of `next`. Completion and errors of the source are passed on. Each subscription decodes for itself, from a border on.
 *
 * @example
 * session.pipe(decodeFrames({ maxLength: 65_536 })).subscribe(message => console.log(message));
 *
 * @param options prefix and cap; see {@link FrameOptions}.
 * @throws OptionError at once, naming the option that is wrong.
 */
export function decodeFrames(options: FrameOptions = {}): OperatorFunction<Uint8Array, Uint8Array> {
  const format = frameFormat(options);
  return unframe(() => new FrameDecoder(format));
}
