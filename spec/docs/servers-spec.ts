// Every server in our documents, examples and doc comments survives what strangers do to it, and serves the next client: a client that
// vanishes, forged openers, garbage, broken JSON, a peer that sends and never acknowledges. In virtual time, over a network in memory.

import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import * as rxjs from 'rxjs';
import type * as Rxkcp from 'rxkcp';
import * as adapters from 'rxkcp/adapters';
import * as mux from 'rxkcp/mux';
import * as node from 'rxkcp/node';
import * as operators from 'rxkcp/operators';
import * as resume from 'rxkcp/resume';
import * as streams from 'rxkcp/streams';
import { VirtualScheduler } from 'rxkcp/testing';
import ts from 'typescript';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { blocksOfDocuments, type CodeBlock, examplesOfComments, ROOT } from '../support/code-blocks.ts';
import { push, text } from '../support/marbles.ts';
import { bytes, seeded } from '../support/random.ts';

const { connect, listen, memoryNetwork, memoryPair, ...others } = await vi.importActual<typeof Rxkcp>('rxkcp');

/** Where the server under test is: in a process of its own, so to say. */
class World {
  readonly network = memoryNetwork();
  readonly scheduler = new VirtualScheduler();
  readonly unhandled: unknown[] = [];
  /** What it was started with, once it is. */
  options: Rxkcp.SessionOptions | undefined;
  #clients = 0;

  /** Stands for `listen` in its program. */
  readonly listen = (all: Rxkcp.ServerOptions & Rxkcp.UdpListenOptions): rxjs.Observable<Rxkcp.Session> => {
    const { host: _, port: __, reusePort: ___, ...options } = all;
    this.options = options;
    return listen({ ...options, link: this.network.hub, scheduler: this.scheduler });
  };

  /** Stands for `connect` in its program: its own clients have no part in this. */
  readonly connect = (): rxjs.Observable<Rxkcp.Session> =>
    connect({ link: memoryPair()[0], scheduler: new VirtualScheduler() });

  /** A client that sends `messages`, and, if it is `deaf`, gets nothing, acks included. */
  client(
    messages: readonly Uint8Array[],
    isDeaf = false,
  ): { session: Rxkcp.Session; received: number[]; vanish(): void } {
    const { mode, stream, cipher, fec } = this.options ?? {};
    const link = this.network.link({ address: '10.0.0.1', port: ++this.#clients });
    let isGone = false;
    const passing = { incoming: isDeaf ? rxjs.NEVER : link.incoming, outgoing: link.outgoing };
    const incoming = passing.incoming.pipe(rxjs.filter(() => !isGone));
    const outgoing = { next: (burst: Rxkcp.Burst) => void (isGone || passing.outgoing.next(burst)) };
    const received: number[] = [];
    let session: Rxkcp.Session | undefined;
    connect({
      link: { incoming, outgoing },
      scheduler: this.scheduler,
      mode,
      stream,
      cipher,
      fec,
      peerLoss: 'complete',
    }).subscribe((opened) => {
      session = opened;
      opened.subscribe((message) => received.push(message.length));
    });
    for (const message of messages) session?.next(message);
    const vanish = (): void => {
      isGone = true;
    };
    return { session: session as Rxkcp.Session, received, vanish };
  }

  /** Bare datagrams from an address of their own. */
  datagrams(...burst: Uint8Array[]): void {
    this.network.link({ address: '10.0.0.2', port: ++this.#clients }).outgoing.next(burst);
  }

  /** Lets time pass, and promises and sockets have their turn, until `isDone`. */
  async run(seconds: number, isDone?: () => boolean): Promise<void> {
    for (let i = 0; i < seconds && !isDone?.(); i++) {
      this.scheduler.run(this.scheduler.now() + 1000);
      await new Promise(setImmediate);
    }
    // Files and sockets of a busy machine take their time.
    for (let i = 0; i < 2000 && isDone?.() === false; i++) {
      this.scheduler.run(this.scheduler.now() + 10);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }
}

let world: World;
vi.mock('rxkcp', async (original) => ({
  ...(await original<typeof Rxkcp>()),
  listen: (options: Parameters<World['listen']>[0]) => world.listen(options),
  connect: () => world.connect(),
}));

/** What a server of ours is asked by its clients, and whether it answers. */
interface Server {
  /** What its client number `i` says. */
  readonly hello: (i: number) => string;
  /** Default: true. */
  readonly answers?: boolean;
}

const anything: Server = { hello: (i) => `hello ${i}` };
const silently: Server = { ...anything, answers: false };
const jsonRpc = (method: string, params: object): Server => ({
  hello: (id) => {
    const body = JSON.stringify({ jsonrpc: '2.0', id, method, params });
    return `Content-Length: ${body.length}\r\n\r\n${body}`;
  },
});

/** A value of Comlink. */
const raw = (value: unknown): object => ({ type: 'RAW', value });

/** A client of `resumed` that begins a session. */
const resuming: Server = { hello: (i) => `\x01\x01${`${i}`.padStart(16, '0')}\0\0\x40\x7f` };

/** Servers in documents and doc comments, by file and number. Whoever adds one says here what it is asked. */
const DOCUMENTED: Readonly<Record<string, Server>> = {
  'README.md 1': anything,
  'docs/adapters.md 1': {
    hello: (id) => JSON.stringify({ id, type: 'APPLY', path: ['add'], argumentList: [raw(1), raw(2)] }),
  },
  'docs/adapters.md 2': anything,
  'docs/adapters.md 3': anything,
  'docs/adapters.md 4': anything,
  'docs/deployment.md 1': anything,
  'docs/encryption.md 1': anything,
  'docs/fec.md 1': anything,
  'docs/index.md 1': anything,
  'docs/kcp-go.md 1': silently,
  'docs/kcp-go.md 2': silently,
  'docs/kcp-go.md 3': silently,
  'docs/layers.md 1': anything,
  'docs/multi-core.md 1': anything,
  // A stream is opened, and says hello.
  'docs/mux.md 1': { hello: () => '\x02\x00\x00\x00\x03\x00\x00\x00\x02\x02\x05\x00\x03\x00\x00\x00hello' },
  'docs/resume.md 1': resuming,
  'docs/security.md 1': anything,
  'docs/sessions.md 1': anything,
  'docs/web-socket.md 1': anything,
  'src/link/udp-link.ts 1': anything,
  'src/server/listen.ts 1': anything,
  'src/server/listen.ts 2': { hello: (i) => `${i}\n` },
  'src/resume/resumed.ts 1': resuming,
  'operators/serve.ts 1': anything,
};

/** Those in examples. */
const EXAMPLES: Readonly<
  Record<string, Server & { start(): Promise<rxjs.Observable<unknown>> | Promise<() => void> }>
> = {
  'chat.ts': { ...anything, start: async () => (await import('../../examples/chat.ts')).evening() },
  'comlink.ts': {
    hello: (id) => JSON.stringify({ id, type: 'APPLY', path: ['add'], argumentList: [raw(1)] }),
    start: async () => (await import('../../examples/comlink.ts')).counting(),
  },
  'echo.ts': { ...anything, start: async () => (await import('../../examples/echo.ts')).echo(['x']) },
  'file-transfer.ts': {
    hello: (i) => JSON.stringify({ name: `file-${i}`, bytes: 0 }),
    start: async () => (await import('../../examples/file-transfer.ts')).transfer(`${ROOT}package.json`),
  },
  'from-websocket.ts': {
    hello: () => `${JSON.stringify({ follow: 'KCP' })}\n`,
    start: async () => (await import('../../examples/from-websocket.ts')).follow(),
  },
  'game.ts': {
    ...anything,
    start: async () => (await import('../../examples/game.ts')).game({ players: 0, loss: 0, seconds: 1000 }),
  },
  'grpc.ts': {
    hello: () => 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\u0004\0\0\0\0\0',
    start: async () => (await import('../../examples/grpc.ts')).greet(),
  },
  'json-rpc.ts': {
    ...jsonRpc('add', { a: 1, b: 2 }),
    start: async () => (await import('../../examples/json-rpc.ts')).calculate(),
  },
  'observable-service.ts': {
    ...jsonRpc('rx/call', { method: 'range', params: { from: 1, to: 2 }, token: 1 }),
    start: async () => (await import('../../examples/observable-service.ts')).numbers(),
  },
  'race.ts': { ...anything, start: async () => (await import('../../examples/race.ts')).raceTwoLinks() },
  'reconnect.ts': {
    hello: (i) => `${i}`,
    start: async () => (await import('../../examples/reconnect.ts')).countThroughOutages(),
  },
  'resume.ts': { ...resuming, start: async () => (await import('../../examples/resume.ts')).countAcrossServers() },
  'telemetry.ts': { ...anything, start: async () => (await import('../../examples/telemetry.ts')).fleet() },
  'trpc.ts': {
    hello: (id) => JSON.stringify({ id, type: 'query', path: 'add', input: [1, 2] }),
    start: async () => (await import('../../examples/trpc.ts')).callCalculator(),
  },
  'workers/worker.ts': { ...anything, start: startWorker },
};

/** What an example needs so that others can be servers. */
const HELPERS = ['demo/route.ts', 'support/bad-network.ts', 'support/serve.ts'];

const isServer = ({ code }: CodeBlock): boolean => /\blisten\(\{/.test(code);

/** All there are in texts, by file and number. */
function documented(): Map<string, CodeBlock> {
  const numbers = new Map<string, number>();
  return new Map(
    [...blocksOfDocuments(), ...examplesOfComments()].filter(isServer).map((block) => {
      const path = block.where.replace(/:\d+$/, '');
      numbers.set(path, (numbers.get(path) ?? 0) + 1);
      return [`${path} ${numbers.get(path)}`, block];
    }),
  );
}

const MODULES: Readonly<Record<string, object>> = {
  'rxkcp/adapters': adapters,
  'rxkcp/mux': mux,
  'rxkcp/resume': resume,
  rxjs,
  'rxkcp/node': node,
  'rxkcp/operators': operators,
  'rxkcp/streams': streams,
};

/** Runs a program in this process. What it imports of ours has the network of `world`; of `rest`, what is in there. */
async function runProgram(code: string, rest: Readonly<Record<string, object>>): Promise<void> {
  const udpHub = (): rxjs.Observable<object> => rxjs.of({});
  const rxkcp = { ...others, memoryNetwork, memoryPair, udpHub, listen: world.listen, connect: world.connect };
  const modules: Readonly<Record<string, object>> = { ...MODULES, rxkcp, ...rest };
  const here = createRequire(import.meta.url);
  // What the example of a doc comment leaves out.
  const given: Readonly<Record<string, unknown>> = {
    ...rxjs,
    ...adapters,
    ...node,
    ...operators,
    ...resume,
    ...streams,
    ...rxkcp,
    // Programs that close their server after half a second do so when this is over, however busy the machine is.
    setTimeout: (work: () => void, ms: number) => setTimeout(work, 1000 * ms).unref(),
  };
  const source = code.replaceAll('import.meta.url', "'file:///program'");
  const { outputText } = ts.transpileModule(source, {
    compilerOptions: { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022, esModuleInterop: true },
  });
  const run = new Function('require', 'exports', ...Object.keys(given), `return (async () => {${outputText}\n})();`);
  await run((name: string) => modules[name] ?? here(name), {}, ...Object.values(given));
}

/** A worker is a program: it begins when it is loaded. */
async function startWorker(): Promise<() => void> {
  vi.stubEnv('WORKER_NAME', '1');
  const parentPort = { on: () => {}, postMessage: () => {} };
  await runProgram(readFileSync(`${ROOT}examples/workers/worker.ts`, 'utf8'), {
    'node:worker_threads': { parentPort },
    '../support/text.ts': await import('../../examples/support/text.ts'),
    './words.ts': await import('../../examples/workers/words.ts'),
  });
  return () => {};
}

beforeEach(() => {
  world = new World();
  rxjs.config.onUnhandledError = (error) => world.unhandled.push(error);
  process.on('unhandledRejection', onRejection);
  process.on('uncaughtException', onRejection);
  // What `serve` has to say.
  vi.spyOn(console, 'error').mockImplementation(() => {});
  vi.spyOn(console, 'log').mockImplementation(() => {});
});

afterEach(() => {
  rxjs.config.onUnhandledError = null;
  process.off('unhandledRejection', onRejection);
  process.off('uncaughtException', onRejection);
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

const onRejection = (error: unknown): void => void world.unhandled.push(error);

/** What strangers do. */
async function attack({ hello }: Server): Promise<void> {
  const random = seeded(1);
  const { cipher } = world.options ?? {};
  let clients = 0;
  const say = (words: string): Uint8Array => text(words);
  // Vanish, in the middle of something.
  for (let i = 0; i < 3; i++) {
    const client = world.client([say(hello(++clients))]);
    await world.run(i);
    client.session.next(say(hello(++clients)));
    client.vanish();
  }
  // Send, and acknowledge nothing.
  world.client(
    Array.from({ length: 300 }, () => say(hello(++clients))),
    true,
  );
  // Say what is none of this protocol.
  const garbage = [
    'no json\n',
    '{"a":\n',
    '\n\n\n',
    '[]\n',
    'null\n',
    '{"follow":1}\n',
    'Content-Length: x\r\n\r\n',
    '\u0000',
    'a'.repeat(70_000),
  ];
  for (const words of garbage) world.client([say(words), say(hello(++clients)), say(words)], clients % 2 === 0);
  for (let i = 0; i < 20; i++) world.client([bytes(random, 1 + i * 100)], i % 2 === 0);
  // Datagrams that are none, and openers under false names: with the key, and without.
  for (let i = 1; i < 100; i++) world.datagrams(bytes(random, 13 * i));
  for (let i = 0; i < 50; i++) {
    const opener = push(0, 'x', { conv: i });
    world.datagrams(opener);
    if (cipher !== undefined) world.datagrams(...cipher.seal([opener]));
  }
  await world.run(100);
}

let asked = 10_000;

/** Whether a client is served now. */
async function serves({ hello, answers = true }: Server): Promise<boolean> {
  const { session, received } = world.client([text(hello(++asked))]);
  const isDone = (): boolean => session.stats().inFlight === 0 && (!answers || received.length > 0);
  await world.run(2000, isDone);
  return isDone();
}

describe('every server in a document', () => {
  const all = documented();

  test('is known here', () => {
    expect([...all.keys()].sort()).toEqual(Object.keys(DOCUMENTED).sort());
  });

  for (const [name, { code }] of all) {
    test(`survives strangers, and serves the next client: ${name}`, async () => {
      const server = DOCUMENTED[name] ?? anything;
      await runProgram(code, { 'node:worker_threads': { isMainThread: false } });
      expect(world.options).toBeDefined();
      expect(await serves(server)).toBe(true);
      await attack(server);
      expect(world.unhandled).toEqual([]);
      expect(await serves(server)).toBe(true);
    });
  }
});

describe('every server in an example', () => {
  test('is known here', () => {
    const paths = readdirSync(`${ROOT}examples`, { recursive: true, encoding: 'utf8' }).filter((path) =>
      path.endsWith('.ts'),
    );
    const servers = paths.filter((path) =>
      /\b(listen|serve|acrossBadNetwork)\(/.test(readFileSync(`${ROOT}examples/${path}`, 'utf8')),
    );
    expect(servers.filter((path) => !HELPERS.includes(path)).sort()).toEqual(Object.keys(EXAMPLES).sort());
  });

  for (const [name, server] of Object.entries(EXAMPLES)) {
    test(`survives strangers, and serves the next client: ${name}`, async () => {
      const started = await server.start();
      const ends: unknown[] = [];
      const running =
        started instanceof rxjs.Observable
          ? started.subscribe({ error: (error) => ends.push(error), complete: () => ends.push('complete') })
          : new rxjs.Subscription(started);
      try {
        await world.run(1000, () => world.options !== undefined);
        expect(await serves(server)).toBe(true);
        await attack(server);
        expect(world.unhandled).toEqual([]);
        expect(await serves(server)).toBe(true);
        expect(ends).toEqual([]);
      } finally {
        running.unsubscribe();
      }
    });
  }
});

describe('this spec', () => {
  test('finds a server that does not survive', async () => {
    await runProgram(
      `import { listen } from 'rxkcp';
       import { decodeJson } from 'rxkcp/operators';
       listen({ port: 1 }).subscribe((session) => session.pipe(decodeJson()).subscribe());`,
      {},
    );
    await attack(anything);
    await new Promise((resolve) => setTimeout(resolve));
    expect(world.unhandled).toContainEqual(expect.objectContaining({ code: 'ERR_INVALID_JSON' }));
  });

  test('finds the one with a callback that was to survive', async () => {
    await runProgram(
      `import { listen } from 'rxkcp';
       listen({ port: 1 }).subscribe((session) => session.subscribe((message) => session.next(message)));`,
      {},
    );
    await attack(anything);
    expect(world.unhandled).toEqual([]);
    expect(await serves(anything)).toBe(true);
  });
});
