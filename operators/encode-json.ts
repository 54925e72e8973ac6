import { map, type OperatorFunction } from 'rxjs';
import { jsonLine } from '../src/framing/json.ts';
import { type LineOptions, lineLimit } from '../src/framing/lines.ts';

/**
 * Encodes each value as one line of JSON (newline-delimited JSON, NDJSON).
 *
 * ```
 * values     --{ a: 1 }--------"b"-------|
 *            encodeJson()
 * chunks     --[{"a":1}\n]-----["b"\n]---|
 * ```
 *
 * A value that is not JSON-serializable (undefined, a function, a bigint, a cycle) ends the stream with `InvalidJsonError`. JSON longer than
 * `maxLength` ends it with `FrameTooLargeError`. Completion and errors of the source are forwarded.
 *
 * @example
 * readings.pipe(encodeJson()).subscribe(session);
 *
 * @param options limit; see {@link LineOptions}.
 * @throws OptionError if an option is invalid; `error.option` names it.
 */
export function encodeJson(options: LineOptions = {}): OperatorFunction<unknown, Uint8Array> {
  const limit = lineLimit(options);
  return map((value) => jsonLine(value, limit));
}
