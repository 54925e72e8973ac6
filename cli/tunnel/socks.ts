// SOCKS5 (RFC 1928) on a stream: CONNECT to IPv4, IPv6 and names, without authentication, which the key of the tunnel has done.

import { connect, type Socket } from 'node:net';
import type { MuxStream } from 'rxkcp/mux';

const VERSION = 5;
const NO_AUTHENTICATION = 0;
const CONNECT = 1;
const IPV4 = 1;
const NAME = 3;
const IPV6 = 4;
const SUCCEEDED = 0;
const UNREACHABLE = 4;
const COMMAND_NOT_SUPPORTED = 7;
const ADDRESS_NOT_SUPPORTED = 8;
/** A request and its method selection are shorter. */
const REQUEST_MAX = 1024;

const reply = (code: number): Uint8Array => Uint8Array.of(VERSION, code, 0, IPV4, 0, 0, 0, 0, 0, 0);

/** Reads a stream by lengths, and gives the rest back. */
class Reader {
  readonly #stream: MuxStream;
  #bytes: Uint8Array = new Uint8Array(0);
  #wake = (): void => {};
  #isOver = false;
  readonly #reading;

  constructor(stream: MuxStream) {
    this.#stream = stream;
    this.#reading = stream.subscribe({
      next: (chunk) => {
        this.#bytes = new Uint8Array(Buffer.concat([this.#bytes, chunk]));
        if (this.#bytes.length > REQUEST_MAX) stream.pause();
        this.#wake();
      },
      error: () => this.#over(),
      complete: () => this.#over(),
    });
  }

  async take(length: number): Promise<Uint8Array> {
    while (this.#bytes.length < length) {
      if (this.#isOver) throw new Error('the stream ended within a SOCKS request');
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    const taken = this.#bytes.subarray(0, length);
    this.#bytes = this.#bytes.subarray(length);
    return taken;
  }

  /** What was read beyond the request. */
  rest(): Uint8Array {
    this.#stream.pause();
    this.#reading.unsubscribe();
    return this.#bytes;
  }

  #over(): void {
    this.#isOver = true;
    this.#wake();
  }
}

/** Reads a request, connects, and answers. @returns the socket; what came behind the request is written to it. */
export async function acceptSocks(stream: MuxStream, timeout: number): Promise<Socket> {
  stream.following.keepHalfOpen();
  const reader = new Reader(stream);
  const timer = setTimeout(() => stream.close(), timeout);
  try {
    const [version, methods] = await reader.take(2);
    if (version !== VERSION) throw new Error(`SOCKS version ${version}, expected 5`);
    const offered = await reader.take(methods!);
    if (!offered.includes(NO_AUTHENTICATION)) {
      await stream.send(Uint8Array.of(VERSION, 0xff));
      throw new Error('the SOCKS client insists on authentication');
    }
    await stream.send(Uint8Array.of(VERSION, NO_AUTHENTICATION));
    const [, command, , kind] = await reader.take(4);
    const host = await hostOf(reader, kind!);
    const [high, low] = await reader.take(2);
    if (command !== CONNECT || host === undefined) {
      await stream.send(reply(command === CONNECT ? ADDRESS_NOT_SUPPORTED : COMMAND_NOT_SUPPORTED));
      throw new Error(`SOCKS command ${command} to an address of type ${kind}`);
    }
    const socket = await reach(host, 256 * high! + low!, stream, timeout);
    await stream.send(reply(SUCCEEDED));
    const rest = reader.rest();
    if (rest.length > 0) socket.write(rest);
    stream.resume();
    return socket;
  } finally {
    clearTimeout(timer);
  }
}

async function hostOf(reader: Reader, kind: number): Promise<string | undefined> {
  if (kind === IPV4) return (await reader.take(4)).join('.');
  if (kind === NAME) return Buffer.from(await reader.take((await reader.take(1))[0]!)).toString('latin1');
  if (kind !== IPV6) return undefined;
  const bytes = await reader.take(16);
  return Array.from({ length: 8 }, (_, i) => (256 * bytes[2 * i]! + bytes[2 * i + 1]!).toString(16)).join(':');
}

async function reach(host: string, port: number, stream: MuxStream, timeout: number): Promise<Socket> {
  const socket = connect({ host, port, allowHalfOpen: true });
  try {
    await new Promise<void>((resolve, reject) => {
      socket.setTimeout(timeout, () => reject(new Error(`${host}:${port} was not reached within ${timeout} ms`)));
      socket.once('error', reject);
      socket.once('connect', resolve);
    });
    socket.setTimeout(0);
    socket.on('error', () => {});
    return socket;
  } catch (error) {
    socket.destroy();
    await stream.send(reply(UNREACHABLE));
    throw error;
  }
}
