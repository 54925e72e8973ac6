import { map, type OperatorFunction } from 'rxjs';
import { type FrameOptions, frame, frameFormat } from '../src/framing/frames.ts';

/**
 * Borders for a stream of bytes, outbound: puts the length of every message in front of it.
 *
 * For sessions with `stream: true`, whose bytes arrive in other portions than they were sent in, for messages of more than 255
 * segments, and for kcp-go peers, which keep no borders. What {@link decodeFrames} is with the same options undoes it.
 *
 * ```
 * messages   --abc---------d-----|
 *            encodeFrames({ prefixBytes: 1 })
 * chunks     --(3 abc)-----(1 d)-|
 * ```
 *
 * Messages may be empty; they are copied. One that is over `maxLength` ends the stream with
 * `FrameTooLargeError`. Completion and errors of the source are passed on.
 *
 * @example
 * messages.pipe(encodeFrames()).subscribe(session);
 *
 * @param options prefix and cap; see {@link FrameOptions}.
 * @throws OptionError at once, naming the option that is wrong.
 */
export function encodeFrames(options: FrameOptions = {}): OperatorFunction<Uint8Array, Uint8Array> {
  const format = frameFormat(options);
  return map((message) => frame(message, format));
}
