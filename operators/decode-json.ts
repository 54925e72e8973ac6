import type { OperatorFunction } from 'rxjs';
import { JsonDecoder } from '../src/framing/json.ts';
import { type LineOptions, lineLimit } from '../src/framing/lines.ts';
import { unframe } from '../src/framing/unframe.ts';

/**
 * Parses a byte stream of newline-delimited JSON (NDJSON) into values.
 *
 * Chunks may be cut anywhere. Blank lines are skipped. A line that is not JSON ends the stream with `InvalidJsonError`. Limits and text
 * encoding are those of {@link decodeLines}.
 *
 * ```
 * chunks     --[{"a"]---[:1}\n"b"\n]-----|
 *            decodeJson()
 * values     -----------({a:1} "b")------|
 * ```
 *
 * TypeScript does not check the type of the values: validate input from peers that you do not trust. Completion and errors of the source are
 * forwarded. Each subscription must begin at the start of a line.
 *
 * @example
 * session.pipe(decodeJson<Reading>({ maxLength: 4096 })).subscribe(reading => console.log(reading));
 *
 * @param options limit; see {@link LineOptions}.
 * @throws OptionError if an option is invalid; `error.option` names it.
 */
export function decodeJson<T = unknown>(options: LineOptions = {}): OperatorFunction<Uint8Array, T> {
  const limit = lineLimit(options);
  return unframe(() => new JsonDecoder<T>(limit));
}
