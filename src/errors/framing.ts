// What may be wrong with frames, lines and JSON.

import { RxkcpError } from '../errors.ts';
import { describe } from './describe.ts';

/** A frame or a line is longer than its cap. */
export class FrameTooLargeError extends RxkcpError {
  /** Bytes, as far as they are known: of a line that has not ended yet, those that have come. */
  declare readonly size: number;
  /** The cap in force, bytes. */
  declare readonly limit: number;

  constructor(what: 'frame' | 'line', size: number, limit: number) {
    super('ERR_FRAME_TOO_LARGE', `a ${what} of ${size} bytes or more is over the limit of ${limit}`, { size, limit });
  }
}

/** The source completed in the middle of a frame. */
export class TruncatedFrameError extends RxkcpError {
  /** Bytes of the last frame that are there, its prefix included. */
  declare readonly received: number;

  constructor(received: number) {
    super('ERR_TRUNCATED_FRAME', `the stream ended ${received} bytes into a frame`, { received });
  }
}

/** A line to send contains a line break, or one received is not UTF-8. */
export class InvalidLineError extends RxkcpError {
  constructor(why: 'contains a line break' | 'is not UTF-8', options?: ErrorOptions) {
    super('ERR_INVALID_LINE', `a line ${why}`, options);
  }
}

/** A value has no JSON, or a line received is none; `cause` is what the parser or the serializer threw, if it threw. */
export class InvalidJsonError extends RxkcpError {
  /** The line received; undefined for a value that was to be sent. */
  declare readonly line: string | undefined;

  constructor(line: string | undefined, options?: ErrorOptions) {
    super(
      'ERR_INVALID_JSON',
      line === undefined
        ? 'value is not JSON-serializable (undefined, function, bigint or cycle)'
        : `not JSON: ${describe(line)}`,
      {
        ...options,
        line,
      },
    );
  }
}
