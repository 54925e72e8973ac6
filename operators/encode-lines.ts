import { map, type OperatorFunction } from 'rxjs';
import { type LineOptions, lineBytes, lineLimit } from '../src/framing/lines.ts';

/**
 * Text for a stream of bytes, outbound: every line in UTF-8, ended by a line feed.
 *
 * ```
 * lines      --"ab"------""-----|
 *            encodeLines()
 * chunks     --[ab\n]----[\n]---|
 * ```
 *
 * A line that contains a line break ends the stream with `InvalidLineError`, one that is over `maxLength` with
 * `FrameTooLargeError`. Completion and errors of the source are passed on.
 *
 * @example
 * fromEvent(readline, 'line').pipe(map(String), encodeLines()).subscribe(session);
 *
 * @param options cap; see {@link LineOptions}.
 * @throws OptionError at once, naming the option that is wrong.
 */
export function encodeLines(options: LineOptions = {}): OperatorFunction<string, Uint8Array> {
  const limit = lineLimit(options);
  return map((line) => lineBytes(line, limit));
}
