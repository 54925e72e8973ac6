// Everything this library throws, rejects with, or ends an Observable with, but for what `errors/` has of framing and of requests. One class a failure, told apart by
// `instanceof` or by `code`; each message names what was wrong, with its value.

import { describe } from './errors/describe.ts';

/** Base of all errors of this library. */
export class RxkcpError extends Error {
  /** A stable, upper-case name of the failure, in the manner of Node's error codes. */
  declare readonly code: string;

  /** @param details properties of the error in addition to its code and message, such as `cause`. */
  constructor(code: string, message: string, details?: ErrorOptions | Record<string, unknown>) {
    super(message, details);
    Object.assign(this, details, { code, name: new.target.name });
  }
}

/** An option is of the wrong type or out of range. Thrown before any socket opens. */
export class OptionError extends RxkcpError {
  /** Name of the option, with its path: `mode.interval`. */
  declare readonly option: string;
  /** What it was. */
  declare readonly value: unknown;
  /** What would have been right, in words: `an integer from 1 to 65535`. */
  declare readonly range: string;

  constructor(
    option: string,
    value: unknown,
    range: string,
    message = `option ${option} must be ${range}, got ${describe(value)}`,
    details?: object,
  ) {
    super('ERR_OPTION', message, { option, value, range, ...details });
  }
}

/** An option has a name that the call does not have: a typing error, or an option of another call. */
export class UnknownOptionError extends OptionError {
  /** The option that is most like it; undefined when none is. */
  declare readonly nearest: string | undefined;

  constructor(option: string, value: unknown, nearest: string | undefined) {
    const hint = nearest ? `; did you mean ${nearest}?` : '';
    super(option, value, 'left out', `there is no option ${option} here${hint}`, { nearest });
  }
}

/** A key does not have a length that the cipher takes. Keys are never cut or padded. */
export class KeyLengthError extends RxkcpError {
  /** Name of the cipher. */
  declare readonly cipher: string;
  /** Lengths it takes, in words: `16, 24 or 32 bytes`. */
  declare readonly allowed: string;
  /** Bytes of the key given. */
  declare readonly length: number;

  constructor(cipher: string, allowed: string, length: number) {
    super('ERR_KEY_LENGTH', `cipher ${cipher} takes a key of ${allowed}, got ${length}`, { cipher, allowed, length });
  }
}

/** What a {@link DeadLinkError} reports. */
export interface DeadLink {
  /** Transmissions without an answer: of data and probes since the peer was last heard, or, with `deadLink`, of one segment. */
  readonly transmissions: number;
  /** ms since the first of them; undefined when the session ended because of `deadLink`. */
  readonly waited?: number | undefined;
  /** ms since the last packet from the peer; undefined when none has ever arrived. */
  readonly heardAgo: number | undefined;
}

/**
 * The peer is out of reach: it answered nothing for `deadAfter` ms, or one segment was transmitted as often as `deadLink`
 * allows.
 */
export class DeadLinkError extends RxkcpError implements DeadLink {
  declare readonly transmissions: number;
  declare readonly waited: number | undefined;
  declare readonly heardAgo: number | undefined;

  constructor(conv: number, how: DeadLink) {
    const { transmissions, waited, heardAgo } = how;
    const when = waited === undefined ? 'of one segment' : `in ${waited} ms`;
    const heard = heardAgo === undefined ? 'never heard' : `last heard ${heardAgo} ms ago`;
    super('ERR_DEAD_LINK', `conversation ${conv}: ${transmissions} transmissions ${when} without an answer; ${heard}`, {
      ...how,
    });
  }
}

/** The peer has forgotten the conversation: its process was restarted. What it has not acknowledged before is lost. */
export class PeerRestartedError extends RxkcpError {
  constructor(conv: number) {
    super('ERR_PEER_RESTARTED', `conversation ${conv}: the peer restarted and lost what it acknowledged`);
  }
}

/** The peer closed the session before everything that it had sent was here. */
export class PeerLeftError extends RxkcpError {
  constructor(conv: number) {
    super('ERR_PEER_LEFT', `conversation ${conv}: the peer has left, and data is missing`);
  }
}

/** The server has as many sessions as it may have (`maxSessions`). */
export class ServerFullError extends RxkcpError {
  constructor(conv: number) {
    super('ERR_SERVER_FULL', `conversation ${conv}: the server is full`);
  }
}

/** The server takes no more sessions: it is closing. */
export class ServerClosingError extends RxkcpError {
  constructor(conv: number) {
    super('ERR_SERVER_CLOSING', `conversation ${conv}: the server is closing`);
  }
}

/**
 * The server ended a session whose peer never proved that it receives at its address: after 30 s, or to make room for another one. Only
 * `closed$` of the session has it, unless `peerLoss` is `error`.
 */
export class AddressUnprovenError extends RxkcpError {
  constructor(conv: number) {
    super('ERR_ADDRESS_UNPROVEN', `conversation ${conv}: the peer has not shown that it receives at its address`);
  }
}

/** The sessions of a server held more than `maxReceiveBytes` of unread data, and this one held most. */
export class ReceiveQueueFullError extends RxkcpError {
  constructor(conv: number, limit: number) {
    super(
      'ERR_RECEIVE_QUEUE_FULL',
      `conversation ${conv}: over ${limit} bytes wait for readers of this server (maxReceiveBytes), most of them here`,
    );
  }
}

/** Nothing was heard from the peer for `idleTimeout`, window probes notwithstanding. */
export class IdleTimeoutError extends RxkcpError {
  /** The `idleTimeout` in force, ms. */
  declare readonly idleTimeout: number;

  constructor(conv: number, idleTimeout: number) {
    super('ERR_IDLE_TIMEOUT', `conversation ${conv}: the peer was silent for ${idleTimeout} ms`, {
      idleTimeout,
    });
  }
}

/** The session takes no more messages: it was completed, or has ended. */
export class SessionClosedError extends RxkcpError {
  constructor(conv: number, options?: ErrorOptions) {
    super('ERR_SESSION_CLOSED', `conversation ${conv} is closed for sending`, options);
  }
}

/** A message is longer than 255 segments. */
export class MessageTooLargeError extends RxkcpError {
  /** Bytes of the message. */
  declare readonly size: number;
  /** Most bytes a message can have with the MTU in force. */
  declare readonly limit: number;

  constructor(size: number, limit: number) {
    super(
      'ERR_MESSAGE_TOO_LARGE',
      `a message of ${size} bytes is over the limit of ${limit} (255 segments); send less or use stream mode`,
      { size, limit },
    );
  }
}

/** Out-of-band datagrams need FEC, whose framing they use. */
export class FecRequiredError extends RxkcpError {
  constructor(conv: number) {
    super('ERR_FEC_REQUIRED', `conversation ${conv}: out-of-band datagrams need FEC (option fec)`);
  }
}

/** An out-of-band payload does not fit into one datagram. */
export class OobTooLargeError extends RxkcpError {
  /** Bytes of the payload. */
  declare readonly size: number;
  /** Most bytes it can have with the MTU in force. */
  declare readonly limit: number;

  constructor(size: number, limit: number) {
    super('ERR_OOB_TOO_LARGE', `an out-of-band payload of ${size} bytes is over the limit of ${limit} (one datagram)`, {
      size,
      limit,
    });
  }
}

/** What was sent is not a `Uint8Array` of at least one byte (a kcp-go reader never gets past an empty message). */
export class InvalidMessageError extends RxkcpError {
  constructor(value: unknown) {
    super('ERR_INVALID_MESSAGE', `a message must be a Uint8Array of at least 1 byte, got ${describe(value)}`);
  }
}

/** An observable that carries one conversation was subscribed to a second time. */
export class AlreadySubscribedError extends RxkcpError {
  constructor(what: string) {
    super('ERR_ALREADY_SUBSCRIBED', `${what} carries one conversation and can be subscribed to once`);
  }
}

/** The custom link already carries a session, the hub already serves a listener, or your own socket already has a session with that peer. */
export class LinkInUseError extends RxkcpError {
  constructor() {
    super('ERR_LINK_IN_USE', 'the link is in use: one session or one server at a time');
  }
}

/** A link closed its port, stream or channel when its session ended, and cannot carry another one. */
export class LinkSpentError extends RxkcpError {
  constructor() {
    super(
      'ERR_LINK_SPENT',
      'the link is closed: its port, stream or channel ended with its last session; make a new one',
    );
  }
}

/** The socket cannot be replaced: the session uses a custom link or your own socket, or the link carries no session. */
export class NotRebindableError extends RxkcpError {
  constructor(why: string) {
    super('ERR_NOT_REBINDABLE', `the socket cannot be replaced: ${why}`);
  }
}

/** `incoming` of a custom link or hub, or a layer below `arq`, emitted something else than a burst. */
export class InvalidBurstError extends RxkcpError {
  /** What it emitted. */
  declare readonly value: unknown;

  constructor(value: unknown) {
    let got = describe(value);
    if (value instanceof Uint8Array) got += ' (emit [datagram])';
    if (Array.isArray(value)) {
      const datagram = value.find((one) => !(one instanceof Uint8Array));
      got = `an array with ${describe(datagram)}`;
      if (datagram instanceof ArrayBuffer) got += ' (emit new Uint8Array(buffer))';
    }
    super('ERR_INVALID_BURST', `a burst must be an array of Uint8Array, got ${got}`, { value });
  }
}

/** More was handed over without waiting than the caps on waiting data allow. */
export class SendQueueFullError extends RxkcpError {
  constructor(
    what: 'sendQueueBytes' | 'sendQueueSegments' | 'queueBytes' | 'queueMessages' | 'maxQueueBytes',
    limit: number,
  ) {
    const unit = what.replace(/.*queue/i, '').toLowerCase();
    super('ERR_SEND_QUEUE_FULL', `over ${limit} ${unit} wait for the send window (${what}); await send()`);
  }
}

/** What a session delivered is not what the other end had sent: other bytes, or another order. Thrown by `rxkcp/testing`. */
export class DeliveryError extends RxkcpError {
  /** Bytes delivered before the first wrong one. */
  declare readonly offset: number;

  constructor(offset: number, difference: string) {
    super('ERR_DELIVERY', `after ${offset} bytes delivered as they were sent: ${difference}`, { offset });
  }
}

/** The socket failed; `cause` is the system's error. */
export class SocketError extends RxkcpError {
  constructor(message: string, options?: ErrorOptions, code = 'ERR_SOCKET') {
    super(code, message, options);
  }
}

/** No program listens at the peer's address, according to an ICMP message. */
export class ConnectionRefusedError extends SocketError {
  constructor(peer?: { readonly address: string; readonly port: number }) {
    const where = peer === undefined ? 'the peer' : `${peer.address} port ${peer.port}`;
    super(`no listener at ${where}`, undefined, 'ERR_CONNECTION_REFUSED');
  }
}

/** The local port is taken. */
export class AddressInUseError extends SocketError {
  constructor(address: string, options?: ErrorOptions) {
    super(`${address} is in use`, options, 'ERR_ADDRESS_IN_USE');
  }
}

/** The host has no address, or none of the IP version that is needed. */
export class HostNotFoundError extends SocketError {
  /** @param family the IP version; 0 is either. */
  constructor(host: string, options?: ErrorOptions, family: 0 | 4 | 6 = 0) {
    const address = family === 0 ? 'address' : `IPv${family} address`;
    super(`host ${host} has no ${address}`, options, 'ERR_HOST_NOT_FOUND');
  }
}

/** The socket was closed under a session or a listener that still used it. */
export class SocketClosedError extends SocketError {
  constructor(options?: ErrorOptions) {
    super('the socket was closed by other code', options, 'ERR_SOCKET_CLOSED');
  }
}
