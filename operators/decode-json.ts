import type { OperatorFunction } from 'rxjs';
import { JsonDecoder } from '../src/framing/json.ts';
import { type LineOptions, lineLimit } from '../src/framing/lines.ts';
import { unframe } from '../src/framing/unframe.ts';

/**
 * Values from a stream of bytes, inbound: one for each line of JSON (newline-delimited JSON, NDJSON).
 *
 * Chunks may be cut anywhere. Blank lines are passed over. A line that is not JSON ends the stream with
 * `InvalidJsonError`; caps and text are those of {@link decodeLines}.
 *
 * ```
 * chunks     --[{"a"]---[:1}\n"b"\n]-----|
 *            decodeJson()
 * values     -----------({a:1} "b")------|
 * ```
 *
 * The type of the values is the caller's claim: check what strangers send. Completion and errors of the source are
 * passed on. Each subscription decodes for itself, from the beginning of a line on.
 *
 * @example
 * session.pipe(decodeJson<Reading>({ maxLength: 4096 })).subscribe(reading => console.log(reading));
 *
 * @param options cap; see {@link LineOptions}.
 * @throws OptionError at once, naming the option that is wrong.
 */
export function decodeJson<T = unknown>(options: LineOptions = {}): OperatorFunction<Uint8Array, T> {
  const limit = lineLimit(options);
  return unframe(() => new JsonDecoder<T>(limit));
}
