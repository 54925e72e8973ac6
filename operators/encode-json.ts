import { map, type OperatorFunction } from 'rxjs';
import { jsonLine } from '../src/framing/json.ts';
import { type LineOptions, lineLimit } from '../src/framing/lines.ts';

/**
 * Values for a stream of bytes, outbound: every value as one line of JSON (newline-delimited JSON, NDJSON).
 *
 * ```
 * values     --{ a: 1 }--------"b"-------|
 *            encodeJson()
 * chunks     --[{"a":1}\n]-----["b"\n]---|
 * ```
 *
 * A value without JSON (undefined, a function, a bigint, a cycle) ends the stream with `InvalidJsonError`, one whose
 * JSON is over `maxLength` with `FrameTooLargeError`. Completion and errors of the source are passed on.
 *
 * @example
 * readings.pipe(encodeJson()).subscribe(session);
 *
 * @param options cap; see {@link LineOptions}.
 * @throws OptionError at once, naming the option that is wrong.
 */
export function encodeJson(options: LineOptions = {}): OperatorFunction<unknown, Uint8Array> {
  const limit = lineLimit(options);
  return map((value) => jsonLine(value, limit));
}
