// Values as lines of JSON.

import { InvalidJsonError } from '../errors/framing.ts';
import { LineDecoder, lineBytes } from './lines.ts';
import type { Decoder } from './unframe.ts';

/** `value` as one line. @throws InvalidJsonError, FrameTooLargeError */
export function jsonLine(value: unknown, limit: number): Uint8Array {
  let json: string | undefined;
  try {
    json = JSON.stringify(value);
  } catch (error) {
    throw new InvalidJsonError(undefined, { cause: error });
  }
  // Functions, symbols and undefined have none.
  if (json === undefined) throw new InvalidJsonError(undefined);
  return lineBytes(json, limit);
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
    let value: T;
    try {
      value = JSON.parse(line) as T;
    } catch (error) {
      throw new InvalidJsonError(line, { cause: error });
    }
    yield value;
  }
}
