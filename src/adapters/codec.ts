// How values become messages, and messages values.

import { ensure, isFunction } from '../check.ts';
import { InvalidJsonError } from '../errors/framing.ts';
import { jsonOf, valueOfJson } from '../framing/json.ts';

/** Between values and messages. */
export interface MessageCodec {
  /** Returns the bytes of a value: at least one. They are copied before the next call. `postMessage` throws what this throws. */
  encode(value: unknown): Uint8Array;
  /** Returns the value of a message; it may keep the bytes. A peer may send anything: the port reports a thrown error as `messageerror`. */
  decode(message: Uint8Array): unknown;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true });

/**
 * JSON in UTF-8. It refuses binary data and `bigint` with `InvalidJsonError`, because JSON would alter them. As always with JSON, a `Date`
 * becomes a string, and properties that are `undefined` are left out.
 */
export const jsonCodec: MessageCodec = {
  encode: (value) => encoder.encode(jsonOf(value, refuseBinary)),

  decode(message) {
    let json: string;
    try {
      json = decoder.decode(message);
    } catch (cause) {
      throw new InvalidJsonError('', { cause });
    }
    return valueOfJson(json);
  },
};

/** A replacer for `JSON.stringify`. It looks at the holder, because `toJSON` of a Buffer has already converted `value`. */
function refuseBinary(this: Record<string, unknown>, key: string, value: unknown): unknown {
  const given = this[key];
  if (ArrayBuffer.isView(given) || isBuffer(given)) {
    throw new TypeError(
      `${given.constructor.name} of ${given.byteLength} bytes in ${key || 'the value'}: use a codec that can carry it`,
    );
  }
  return value;
}

/** Whether `value` is an ArrayBuffer or a SharedArrayBuffer, also of another realm. */
function isBuffer(value: unknown): value is ArrayBufferLike {
  return typeof value === 'object' && /ArrayBuffer\]$/.test(Object.prototype.toString.call(value));
}

/** @throws OptionError when `value` is no {@link MessageCodec}. */
export function requireCodec(value: unknown): MessageCodec {
  const { encode, decode } = (value ?? {}) as Partial<MessageCodec>;
  return ensure('codec', value, isFunction(encode) && isFunction(decode), 'a MessageCodec with encode() and decode()');
}
