import { createSocket, type Socket } from 'node:dgram';
import { EventEmitter, once } from 'node:events';
import { connect, listen } from 'rxkcp';
import { afterEach, describe, expect, test } from 'vitest';
import { allowListener } from '../../../src/link/udp/listener-limit.ts';

const cleanups: (() => void)[] = [];
afterEach(() => {
  for (const cleanup of cleanups.splice(0)) cleanup();
});

async function bound(): Promise<Socket> {
  const socket = createSocket('udp4').bind(0, '127.0.0.1');
  cleanups.push(() => socket.close());
  await once(socket, 'listening');
  return socket;
}

/** Uses `socket`, for a client or for a server. Resolves with what stops that. */
type Use = (socket: Socket) => Promise<() => void>;

/** Another peer for each client: two sessions with one peer over one socket are refused. */
let port = 1000;

const asClient: Use = (socket) =>
  new Promise((resolve, error) => {
    const subscription = connect({ socket, port: port++ }).subscribe({
      next: () => setImmediate(() => resolve(() => subscription.unsubscribe())),
      error,
    });
  });
const asServer: Use = (socket) =>
  new Promise((resolve, error) => {
    const onListening = (): void => resolve(() => subscription.unsubscribe());
    const subscription = listen({ socket, onListening: () => setImmediate(onListening) }).subscribe({ error });
  });

const listeners = (socket: Socket): number[] =>
  ['message', 'error', 'close'].map((event) => socket.listenerCount(event));

describe('the limit of listeners of an emitter', () => {
  test('is raised for each user, and is afterwards what it was', () => {
    const emitter = new EventEmitter().setMaxListeners(1);
    const undo = [allowListener(emitter), allowListener(emitter)];
    expect(emitter.getMaxListeners()).toBe(3);
    for (const lower of undo) lower();
    expect(emitter.getMaxListeners()).toBe(1);
  });

  test.each([0, Number.POSITIVE_INFINITY])('stays unlimited: %d', (unlimited) => {
    const emitter = new EventEmitter().setMaxListeners(unlimited);
    allowListener(emitter)();
    expect(emitter.getMaxListeners()).toBe(unlimited);
  });

  test.each([0, 1, 5, 50, Number.POSITIVE_INFINITY])('is left at %d when its owner sets that meanwhile', (limit) => {
    const emitter = new EventEmitter();
    const undo = [allowListener(emitter), allowListener(emitter)];
    emitter.setMaxListeners(limit);
    undo.push(allowListener(emitter));
    for (const lower of undo) lower();
    expect(emitter.getMaxListeners()).toBe(limit);
  });

  test('that its owner replaces by a limit after it was unlimited is left, too', () => {
    const emitter = new EventEmitter().setMaxListeners(0);
    const lower = allowListener(emitter);
    emitter.setMaxListeners(3);
    lower();
    expect(emitter.getMaxListeners()).toBe(3);
  });
});

describe.each([
  ['a client', asClient],
  ['a server', asServer],
])('a socket lent to %s', (_, use) => {
  test.each([0, 1, 20])('is given back whole after its owner has set a limit of %d', async (limit) => {
    const socket = await bound();
    const stop = await use(socket);
    expect(listeners(socket)).toEqual([1, 1, 1]);
    socket.setMaxListeners(limit);
    stop();
    expect(listeners(socket)).toEqual([0, 0, 0]);
    expect(socket.getMaxListeners()).toBe(limit);
  });

  test('has its limit back after each of many uses', async () => {
    const socket = await bound();
    const before = socket.getMaxListeners();
    const stops = await Promise.all([use(socket), use(socket), use(socket)]);
    expect(socket.getMaxListeners()).toBe(before + 3);
    for (const stop of stops) stop();
    expect(socket.getMaxListeners()).toBe(before);
    expect(listeners(socket)).toEqual([0, 0, 0]);
  });
});
