import type { OperatorFunction } from 'rxjs';
import { LineDecoder, type LineOptions, lineLimit } from '../src/framing/lines.ts';
import { unframe } from '../src/framing/unframe.ts';

/**
 * Text from a stream of bytes, inbound: its lines, without their ends (LF or CR LF).
 *
 * Chunks may be cut anywhere, also within a character. The last line may go without an end. What waits is less than one line:
 * more than `maxLength` bytes without an end fail with `FrameTooLargeError` as soon as they are there;
 * what is not UTF-8 fails with `InvalidLineError`.
 *
 * ```
 * chunks     --[a]---[b\nc\n]---[d]---|
 *            decodeLines()
 * lines      --------(ab c)-----------(d|)
 * ```
 *
 * Completion and errors of the source are passed on. Each subscription decodes for itself, from the beginning of a line on.
 *
 * @example
 * session.pipe(decodeLines({ maxLength: 4096 })).subscribe(line => console.log(line));
 *
 * @param options cap; see {@link LineOptions}.
 * @throws OptionError at once, naming the option that is wrong.
 */
export function decodeLines(options: LineOptions = {}): OperatorFunction<Uint8Array, string> {
  const limit = lineLimit(options);
  return unframe(() => new LineDecoder(limit));
}
