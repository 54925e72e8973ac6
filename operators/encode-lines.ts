import { map, type OperatorFunction } from 'rxjs';
import { type LineOptions, lineBytes, lineLimit } from '../src/framing/lines.ts';

/**
 * Encodes each line as UTF-8 and appends a line feed.
 *
 * ```
 * lines      --"ab"------""-----|
 *            encodeLines()
 * chunks     --[ab\n]----[\n]---|
 * ```
 *
 * A line that contains a line break ends the stream with `InvalidLineError`, and a line longer than `maxLength` ends it with
 * `FrameTooLargeError`. Completion and errors of the source are forwarded.
 *
 * @example
 * fromEvent(readline, 'line').pipe(map(String), encodeLines()).subscribe(session);
 *
 * @param options limit; see {@link LineOptions}.
 * @throws OptionError if an option is invalid; `error.option` names it.
 */
export function encodeLines(options: LineOptions = {}): OperatorFunction<string, Uint8Array> {
  const limit = lineLimit(options);
  return map((line) => lineBytes(line, limit));
}
