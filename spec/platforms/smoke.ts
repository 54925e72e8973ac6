// What every platform has to do: run by spec/platforms/main.ts on each, against the packed package. A line a test; exits with 1 when
// one fails, and by itself when all have passed: what keeps the process alive is a failure, too.

import { createSocket } from 'node:dgram';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { concatMap, firstValueFrom, from, Observable, take, timeout, toArray } from 'rxjs';
import * as rxkcp from 'rxkcp';
import { openSession, sendMessage, toMessagePort, toTransport, toWebSocket } from 'rxkcp/adapters';
import { toDuplex } from 'rxkcp/node';
import { multiplex, sendTo, serve } from 'rxkcp/operators';
import { toWebStreams } from 'rxkcp/streams';
import { pair } from 'rxkcp/testing';
import { conversation, HASH, referencePair } from '../support/reference-run.ts';

type Options = rxkcp.SessionOptions;

const MIB = 1024 * 1024;
/** ms that a test may take. */
const MOST = 60_000;

const text = new TextEncoder();

function random(length: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length; at += 65_536) crypto.getRandomValues(bytes.subarray(at, at + 65_536));
  return bytes;
}

function expectSame(received: Uint8Array, sent: Uint8Array): void {
  if (received.length !== sent.length) throw new Error(`${received.length} bytes came back of ${sent.length}`);
  const at = received.findIndex((byte, i) => byte !== sent[i]);
  if (at >= 0) throw new Error(`byte ${at} came back as ${received[at]}, and was ${sent[at]}`);
}

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

type Talk<T> = (session: rxkcp.Session) => Promise<T>;

/** Holds a conversation with a server on a free port, and closes both. */
async function converse<T>(
  host: string,
  options: Options,
  answer: (session: rxkcp.Session) => Observable<unknown>,
  talk: Talk<T>,
): Promise<T> {
  const address = await new Promise<rxkcp.Address & { server: { unsubscribe(): void } }>((resolve, reject) => {
    const listening = (local: rxkcp.Address): void => queueMicrotask(() => resolve({ ...local, server }));
    const server = rxkcp
      .listen({ ...options, host, port: 0, onListening: listening })
      .pipe(serve(answer))
      .subscribe({ error: reject });
  });
  try {
    return await withClient({ ...options, host, port: address.port }, talk);
  } finally {
    address.server.unsubscribe();
  }
}

async function withClient<T>(options: Options & rxkcp.UdpConnectOptions, talk: Talk<T>): Promise<T> {
  const result = new Observable<T>((subscriber) => {
    subscriber.add(
      rxkcp.connect(options).subscribe({
        next: (session) => {
          talk(session).then(
            (value) => {
              subscriber.next(value);
              subscriber.complete();
            },
            (error) => subscriber.error(error),
          );
        },
        error: (error) => subscriber.error(error),
      }),
    );
  });
  return await firstValueFrom(result.pipe(timeout(MOST)));
}

const back = (session: rxkcp.Session): Observable<unknown> => session.pipe(sendTo(session));

/** `sent` is sent and echoed in a session in stream mode. */
async function echo(host: string, sent: Uint8Array, options: Options = {}): Promise<void> {
  const all: Options = { mode: 'fast3', stream: true, sendWindow: 512, receiveWindow: 512, ...options };
  const received = await converse(host, all, back, async (session) => {
    const pieces: Uint8Array[] = [];
    let length = 0;
    const arrived = new Promise<void>((resolve, reject) => {
      session.subscribe({
        next: (piece) => {
          pieces.push(piece);
          length += piece.length;
          if (length >= sent.length) resolve();
        },
        error: reject,
      });
    });
    for (let at = 0; at < sent.length; at += 16_000) {
      const piece = sent.slice(at, at + 16_000);
      await session.send(piece);
      // What was sent is the caller's again.
      piece.fill(0xee);
    }
    await arrived;
    return joined(pieces);
  });
  expectSame(received, sent);
}

const CIPHERS = {
  'aes-gcm': rxkcp.aesGcm(random(32)),
  'chacha20-poly1305': rxkcp.chacha20Poly1305(random(32)),
  aes: rxkcp.aes256(random(32)),
  salsa20: rxkcp.salsa20(random(32)),
  sm4: rxkcp.sm4(random(16)),
  twofish: rxkcp.twofish(random(32)),
  '3des': rxkcp.tripleDes(random(24)),
  blowfish: rxkcp.blowfish(random(32)),
  cast5: rxkcp.cast5(random(16)),
  tea: rxkcp.tea(random(16)),
  xtea: rxkcp.xtea(random(16)),
  xor: rxkcp.xor(random(32)),
  none: rxkcp.none(random(32)),
};

const TESTS: Readonly<Record<string, () => Promise<void>>> = {
  'echo v4': () => echo('127.0.0.1', random(MIB)),
  'echo v6': () => echo('::1', random(MIB)),
  FEC: () => echo('127.0.0.1', random(MIB), { fec: { data: 10, parity: 3 } }),
  async ciphers() {
    for (const [name, cipher] of Object.entries(CIPHERS)) {
      await echo('127.0.0.1', random(65_536), { cipher }).catch((error) => {
        throw new Error(`${name}: ${(error as Error).message}`);
      });
    }
  },
  async 'web streams'() {
    const sent = random(MIB);
    const received = await converse('127.0.0.1', { mode: 'fast3', stream: true }, back, async (session) => {
      const { readable, writable } = toWebStreams(session);
      const source = new ReadableStream<Uint8Array>({
        start(controller) {
          for (let at = 0; at < sent.length; at += 65_536) controller.enqueue(sent.subarray(at, at + 65_536));
          controller.close();
        },
      });
      const [pieces] = await Promise.all([collect(readable), source.pipeTo(writable)]);
      return joined(pieces);
    });
    expectSame(received, sent);
  },
  async 'node streams'() {
    const sent = random(MIB);
    const pieces: Uint8Array[] = [];
    await converse('127.0.0.1', { mode: 'fast3', stream: true }, back, (session) =>
      pipeline(Readable.from([sent]), toDuplex(session), async (source: AsyncIterable<Uint8Array>) => {
        for await (const piece of source) pieces.push(piece);
      }),
    );
    expectSame(joined(pieces), sent);
  },
  async mux() {
    const words = await converse('127.0.0.1', { mode: 'fast3' }, back, (session) => {
      const decode = (message: Uint8Array): [string, string] => JSON.parse(new TextDecoder().decode(message));
      const keyed = multiplex(session, { decode, key: ([key]) => key });
      const read = Promise.all(['a', 'b'].map((key) => firstValueFrom(keyed(key).pipe(take(2), toArray()))));
      const messages = [['a', '1'] as const, ['b', '2'] as const, ['a', '3'] as const, ['b', '4'] as const];
      from(messages)
        .pipe(concatMap((message) => session.send$(text.encode(JSON.stringify(message)))))
        .subscribe();
      return read;
    });
    const expected = '[[["a","1"],["a","3"]],[["b","2"],["b","4"]]]';
    if (JSON.stringify(words) !== expected) throw new Error(JSON.stringify(words));
  },
  async adapters() {
    const options = { mode: 'fast3' } as const;
    const heard = await converse('127.0.0.1', options, back, (session) => {
      const port = toMessagePort(session);
      return new Promise((resolve) => {
        port.onmessage = ({ data }) => resolve(data);
        port.postMessage({ over: 'a port' });
      });
    });
    if (JSON.stringify(heard) !== '{"over":"a port"}') throw new Error(`a port: ${JSON.stringify(heard)}`);
    const answer = await converse('127.0.0.1', options, back, async (session) => {
      const { send, receive } = toTransport(session);
      await send(text.encode('over functions'));
      return receive();
    });
    expectSame(answer ?? new Uint8Array(0), text.encode('over functions'));
    await converse('127.0.0.1', options, back, (session) => {
      const socket = toWebSocket(session, { messages: 'text' });
      return new Promise<void>((resolve, reject) => {
        socket.onopen = () => socket.send('over a socket');
        socket.onmessage = ({ data }) => (data === 'over a socket' ? socket.close() : reject(new Error(`${data}`)));
        socket.onerror = ({ error }) => reject(error);
        socket.onclose = () => resolve();
      });
    });
  },
  async 'await using, signal'() {
    const stopping = new AbortController();
    const stopped = new Promise<unknown>((resolve, reject) => {
      const onListening = ({ port }: rxkcp.Address): void => {
        talk(port).catch(reject);
      };
      rxkcp
        .listen({ host: '127.0.0.1', port: 0, signal: stopping.signal, onListening })
        .subscribe({ next: (session) => session.subscribe(session), error: resolve });
    });
    async function talk(port: number): Promise<void> {
      const session = await openSession(rxkcp.connect({ host: '127.0.0.1', port, mode: 'fast3' }));
      const echoed = firstValueFrom(session.messages$);
      await sendMessage(session, text.encode('x'), { signal: stopping.signal });
      await echoed;
      await session[Symbol.asyncDispose]();
      if (!session.closed) throw new Error('the session is still open');
      stopping.abort('enough');
    }
    if ((await stopped) !== 'enough') throw new Error('the server did not fail with the reason');
  },
  async 'out-of-band'() {
    const fec = { data: 2, parity: 1 };
    const answer = (session: rxkcp.Session): Observable<unknown> =>
      new Observable((subscriber) => {
        subscriber.add(session.oob$.subscribe((datagram) => session.sendOob(datagram)));
        subscriber.add(session.subscribe(subscriber));
      });
    const length = await converse('127.0.0.1', { mode: 'fast3', fec }, answer, async (session) => {
      const first = firstValueFrom(session.oob$);
      const timer = setInterval(() => session.sendOob(text.encode('extra!')), 20);
      return first.then(({ length }) => length).finally(() => clearInterval(timer));
    });
    if (length !== 6) throw new Error(`${length} bytes`);
  },
  async 'own socket'() {
    const socket = createSocket('udp4');
    await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
    const sent = random(100_000);
    const answered = await converse('127.0.0.1', { mode: 'fast3' }, back, async (session) => {
      const { remote } = session;
      if (remote === undefined) throw new Error('the session has no remote address');
      return withClient({ host: '127.0.0.1', port: remote.port, socket, mode: 'fast3' }, async (lent) => {
        const message = firstValueFrom(lent.messages$);
        await lent.send(sent);
        return message;
      });
    });
    socket.close();
    expectSame(answered, sent);
  },
  async 'no listener'() {
    const socket = createSocket('udp4');
    await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
    const { port } = socket.address();
    await new Promise<void>((resolve) => socket.close(() => resolve()));
    const ended = withClient({ port, mode: 'fast3', deadAfter: 500 }, async (session) => {
      session.subscribe({ error: () => {} });
      session.next(random(10));
      return firstValueFrom(session.closed$);
    });
    const { reason } = await ended;
    if (reason !== 'failed') throw new Error(`the session ended as ${reason}`);
  },
  async workers() {
    const { port1, port2 } = new MessageChannel();
    const server = rxkcp
      .connect({ link: rxkcp.messagePortLink(port2), conv: 1 })
      .subscribe((session) => session.subscribe(session));
    const client = new Observable<Uint8Array>((subscriber) =>
      rxkcp.connect({ link: rxkcp.messagePortLink(port1), conv: 1 }).subscribe((session) => {
        session.subscribe(subscriber);
        session.next(text.encode('hello'));
      }),
    );
    const { length } = await firstValueFrom(client.pipe(timeout(MOST)));
    server.unsubscribe();
    if (length !== 5) throw new Error(`${length} bytes`);
  },
  async 'virtual time'() {
    const { hash } = conversation(pair(referencePair())).transcript;
    if (hash !== HASH) throw new Error(`the transcript's hash is ${hash}, and ${HASH} elsewhere`);
  },
};

async function collect(readable: ReadableStream<Uint8Array>): Promise<Uint8Array[]> {
  const pieces: Uint8Array[] = [];
  const reader = readable.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return pieces;
    pieces.push(value);
  }
}

for (const [name, test] of Object.entries(TESTS)) {
  const begin = performance.now();
  try {
    await test();
    console.log(`ok ${name} (${Math.round(performance.now() - begin)} ms)`);
  } catch (error) {
    console.log(`FAIL ${name}: ${(error as Error).message}`);
    process.exitCode = 1;
  }
}
