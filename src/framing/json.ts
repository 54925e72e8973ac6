// Values as lines of JSON.

import { InvalidJsonError } from '../errors/framing.ts';
import { LineDecoder, lineBytes } from './lines.ts';
import type { Decoder } from './unframe.ts';

/** `value` as JSON. @throws InvalidJsonError */
export function jsonOf(
  value: unknown,
  replacer?: (this: Record<string, unknown>, key: string, value: unknown) => unknown,
): string {
  let json: string | undefined;
  try {
    json = JSON.stringify(value, replacer);
  } catch (error) {
    throw new InvalidJsonError(undefined, { cause: error });
  }
  // Functions, symbols and undefined have none.
  if (json === undefined) throw new InvalidJsonError(undefined);
  return json;
}

/** The value of `json`. @throws InvalidJsonError */
export function valueOfJson(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch (error) {
    throw new InvalidJsonError(json, { cause: error });
  }
}

/** `value` as one line. @throws InvalidJsonError, FrameTooLargeError */
export function jsonLine(value: unknown, limit: number): Uint8Array {
  return lineBytes(jsonOf(value), limit);
}

export class JsonDecoder<T> implements Decoder<T> {
  readonly #lines: LineDecoder;

  constructor(limit: number) {
    this.#lines = new LineDecoder(limit);
  }

  decode(chunk: Uint8Array): Iterable<T> {
    return parsed(this.#lines.decode(chunk));
  }

  end(): Iterable<T> {
    return parsed(this.#lines.end());
  }
}

/** Blank lines are nothing (and so keep a silent connection alive). */
function* parsed<T>(lines: Iterable<string>): Generator<T> {
  for (const line of lines) {
    if (line.trim() === '') continue;
    yield valueOfJson(line) as T;
  }
}
