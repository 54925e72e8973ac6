import { map, type OperatorFunction } from 'rxjs';
import { type FrameOptions, frame, frameFormat } from '../src/framing/frames.ts';

/**
 * Prefixes each message with its length, so that message boundaries survive a byte stream.
 *
 * Use it for sessions with `stream: true`, for messages of more than 255 segments, and with kcp-go peers, which keep no message
 * boundaries. Decode with {@link decodeFrames} and the same options.
 *
 * ```
 * messages   --abc---------d-----|
 *            encodeFrames({ prefixBytes: 1 })
 * chunks     --(3 abc)-----(1 d)-|
 * ```
 *
 * Messages may be empty. They are copied. A message longer than `maxLength` ends the stream with `FrameTooLargeError`. Completion and
 * errors of the source are forwarded.
 *
 * @example
 * messages.pipe(encodeFrames()).subscribe(session);
 *
 * @param options prefix and limit; see {@link FrameOptions}.
 * @throws OptionError if an option is invalid; `error.option` names it.
 */
export function encodeFrames(options: FrameOptions = {}): OperatorFunction<Uint8Array, Uint8Array> {
  const format = frameFormat(options);
  return map((message) => frame(message, format));
}
