// Every error of smux sessions and their streams.

import { RxkcpError } from '../../errors.ts';

/** The peer broke the protocol. The session ends, as nothing that follows could be understood. Base of all violations. */
export class MuxProtocolError extends RxkcpError {}

/** A frame has another version than this session: the peer speaks the other version of smux, or something else altogether. */
export class MuxVersionError extends MuxProtocolError {
  /** Version byte of the frame, 0 … 255. */
  readonly received: number;

  constructor(received: number, expected: number) {
    super('ERR_MUX_VERSION', `a frame of version ${received} arrived, expected smux version ${expected} at both ends`);
    this.received = received;
  }
}

/** A frame has a command that its version of smux does not have. */
export class MuxCommandError extends MuxProtocolError {
  /** Command byte of the frame, 0 … 255. */
  readonly command: number;

  constructor(command: number, version: number) {
    super('ERR_MUX_COMMAND', `smux version ${version} has no command ${command}`);
    this.command = command;
  }
}

/** A frame has a length that its command does not allow. */
export class MuxFrameLengthError extends MuxProtocolError {
  /** Length that the frame announces, in bytes. */
  readonly length: number;

  constructor(command: string, length: number, expected: number) {
    super('ERR_MUX_FRAME_LENGTH', `a ${command} frame must have a length of ${expected}, got ${length}`);
    this.length = length;
  }
}

/** The peer sent more on a stream than its window allows (version 2). */
export class MuxWindowError extends MuxProtocolError {
  /** The stream. */
  readonly id: number;

  constructor(id: number, excess: number) {
    super('ERR_MUX_WINDOW', `stream ${id}: the peer exceeded its window by ${excess} bytes`);
    this.id = id;
  }
}

/** The peer confirmed more bytes of a stream than were sent (version 2). */
export class MuxConsumedError extends MuxProtocolError {
  /** The stream. */
  readonly id: number;

  constructor(id: number, excess: number) {
    super('ERR_MUX_CONSUMED', `stream ${id}: the peer confirmed ${excess} bytes that were never sent`);
    this.id = id;
  }
}

/** The peer opens streams over the limit, faster than it takes the refusals. */
export class MuxFloodError extends MuxProtocolError {
  constructor(refused: number) {
    super('ERR_MUX_FLOOD', `${refused} streams over the limit wait for their refusal to be sent`);
  }
}

/** The connection that carries the session ended within a frame. */
export class MuxTruncatedError extends MuxProtocolError {
  /** Bytes of the last frame that arrived, header included. */
  readonly received: number;

  constructor(received: number) {
    super('ERR_MUX_TRUNCATED', `the connection ended ${received} bytes into a frame`);
    this.received = received;
  }
}

/** Nothing arrived for `keepAliveTimeout`, not even a keepalive frame. */
export class MuxKeepAliveError extends RxkcpError {
  /** ms since the last byte. */
  readonly silence: number;

  constructor(silence: number) {
    super('ERR_MUX_KEEP_ALIVE', `nothing arrived for ${silence} ms (keepAliveTimeout)`);
    this.silence = silence;
  }
}

/** The session has ended, or opens no more streams. A stream fails with it if the session ended before the stream did. */
export class MuxClosedError extends RxkcpError {
  constructor(options?: ErrorOptions) {
    super('ERR_MUX_CLOSED', 'the smux session is closed', options);
  }
}

/** A stream takes no more bytes: it was completed or closed at this end. */
export class MuxStreamClosedError extends RxkcpError {
  /** The stream. */
  readonly id: number;

  constructor(id: number, options?: ErrorOptions) {
    super('ERR_MUX_STREAM_CLOSED', `stream ${id} is closed for sending`, options);
    this.id = id;
  }
}

/** The peer has closed a stream, and reads no more of what is sent to it. */
export class MuxPeerClosedError extends RxkcpError {
  /** The stream. */
  readonly id: number;

  constructor(id: number) {
    super('ERR_MUX_PEER_CLOSED', `stream ${id}: the peer has closed it and reads no more`);
    this.id = id;
  }
}

/** As many streams are open as `maxStreams` allows. */
export class MuxStreamLimitError extends RxkcpError {
  constructor(maxStreams: number) {
    super('ERR_MUX_STREAM_LIMIT', `${maxStreams} streams are open (maxStreams); complete or close some first`);
  }
}

/** All stream ids of this session are used up. Open another session. */
export class MuxIdsExhaustedError extends RxkcpError {
  constructor() {
    super('ERR_MUX_IDS_EXHAUSTED', 'all stream ids of this session are used up; open another session');
  }
}
