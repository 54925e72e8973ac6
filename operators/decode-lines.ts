import type { OperatorFunction } from 'rxjs';
import { LineDecoder, type LineOptions, lineLimit } from '../src/framing/lines.ts';
import { unframe } from '../src/framing/unframe.ts';

/**
 * Splits a byte stream into lines of UTF-8 text, without their line ends (LF or CR LF).
 *
 * Chunks may be cut anywhere, also within a character. The last line needs no line end. At most one incomplete line is buffered.
 *
 * ```
 * chunks     --[a]---[b\nc\n]---[d]---|
 *            decodeLines()
 * lines      --------(ab c)-----------(d|)
 * ```
 *
 * - `FrameTooLargeError`: more than `maxLength` bytes arrived without a line end.
 * - `InvalidLineError`: a line is not UTF-8.
 *
 * Completion and errors of the source are forwarded. Each subscription must begin at the start of a line.
 *
 * @example
 * session.pipe(decodeLines({ maxLength: 4096 })).subscribe(line => console.log(line));
 *
 * @param options limit; see {@link LineOptions}.
 * @throws OptionError if an option is invalid; `error.option` names it.
 */
export function decodeLines(options: LineOptions = {}): OperatorFunction<Uint8Array, string> {
  const limit = lineLimit(options);
  return unframe(() => new LineDecoder(limit));
}
