// What the addon says to handles that are none of its own, or of the other kind.

import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, expect, test } from 'vitest';
import type { CipherAddon, CipherHandle } from '../../../../src/core/crypto/node/native-addon.ts';
import { type Addon, type Handle, nativeAddon } from '../../../../src/link/udp/native/addon.ts';
import { describeFaults, describeNative } from '../../../support/native.ts';

type Whole = Addon & CipherAddon;

const KEY = new Uint8Array(16).fill(7);
const AES_CFB = 2;
const NODE_MAJOR = Number.parseInt(process.versions.node, 10);

/** Every call that takes a handle of a socket. */
function socketCalls(addon: Whole): [name: string, call: (handle: Handle) => unknown][] {
  const record = addon.record?.('127.0.0.1', 9) ?? new Uint8Array(32);
  return [
    ['bind', (handle) => addon.bind(handle, record)],
    ['connect', (handle) => addon.connect(handle, record)],
    ['set', (handle) => addon.set(handle, 1, 65_536)],
    ['start', (handle) => addon.start(handle, () => {})],
    ['want', (handle) => addon.want(handle, true)],
    ['send', (handle) => addon.send(handle, [KEY], [1], [record])],
    ['address', (handle) => addon.address(handle)],
    ['close', (handle) => addon.close(handle)],
  ];
}

/** Every call that takes a handle of a cipher. */
function cipherCalls(addon: Whole): [name: string, call: (handle: CipherHandle) => unknown][] {
  const source = new ArrayBuffer(64);
  return [
    ['seal', (handle) => addon.seal(handle, source, new Uint8Array(64), 0, 1)],
    ['open', (handle) => addon.open(handle, source, new Uint8Array(64), 0, 1)],
  ];
}

/** What is no handle at all. */
const strangers: [what: string, value: unknown][] = [
  ['undefined', undefined],
  ['null', null],
  ['a number', 1],
  ['a string', 'handle'],
  ['a symbol', Symbol('handle')],
  ['an object', {}],
  ['bytes', new Uint8Array(64)],
  ['a function', () => {}],
  ['a proxy', new Proxy({}, {})],
];

/** Calls with `wrong` in place of a handle. */
function expectTypeErrors<H>(calls: [string, (handle: H) => unknown][], wrong: unknown, kind: string): void {
  for (const [name, call] of calls) {
    expect(() => call(wrong as H), name).toThrow(TypeError);
    expect(() => call(wrong as H), name).toThrow(`the handle is not that of a ${kind}`);
  }
}

describeNative('the addon takes for a handle', (udp) => {
  const addon = udp as Whole;
  const sockets = addon.create === undefined ? [] : [addon.create(4) as Handle];
  const cipher = addon.cipher?.(AES_CFB, KEY);
  addon.cipherMemory?.();
  const hasCiphers = process.arch === 'x64';
  afterAll(() => sockets.forEach(addon.close));

  test.each(strangers)('of a socket not %s', (_, value) => {
    expectTypeErrors(socketCalls(addon), value, 'socket');
  });

  // On arm64 the addon has none.
  if (hasCiphers) {
    test.each(strangers)('of a cipher not %s', (_, value) => {
      expectTypeErrors(cipherCalls(addon), value, 'cipher');
    });

    test('of a socket not that of a cipher, and the other way round', () => {
      expectTypeErrors(socketCalls(addon), cipher, 'socket');
      expectTypeErrors(cipherCalls(addon), sockets[0], 'cipher');
    });
  }

  test('of a socket not what stands in for one', () => {
    expectTypeErrors(socketCalls(addon), new Proxy(sockets[0] as object, {}), 'socket');
  });

  // The V8 of Node 24 stops the process when an external is to be a prototype, whoever has made it:
  // there is nothing that inherits from a handle there.
  if (NODE_MAJOR < 24) {
    test('of a socket not what inherits from one', () => {
      expectTypeErrors(socketCalls(addon), Object.create(sockets[0] as object), 'socket');
    });
  }

  test('a closed socket, which does nothing any more', () => {
    const closed = addon.create(4) as Handle;
    addon.close(closed);
    const results = Object.fromEntries(socketCalls(addon).map(([name, call]) => [name, call(closed)]));
    expect(results).toMatchObject({ send: 1, want: undefined, address: undefined, close: undefined });
    for (const name of ['bind', 'connect', 'set', 'start']) expect(results[name], name).toBeLessThan(0);
  });

  test('each of many, also while others are collected', () => {
    setFlagsFromString('--expose-gc');
    const gc = runInNewContext('gc') as () => void;
    const kept: Handle[] = [];
    for (let i = 0; i < 600; i++) {
      const handle = addon.create(4) as Handle;
      if (i % 3 === 0) kept.push(handle);
      if (hasCiphers) addon.cipher(AES_CFB, KEY);
    }
    gc();
    for (const handle of kept) {
      expect(addon.set(handle, 1, 65_536)).toBe(0);
      addon.close(handle);
    }
  });

  test('no address that is none', () => {
    const [socket] = sockets as [Handle];
    const long = (addon.record('127.0.0.1', 9) as Uint8Array<ArrayBuffer>).slice();
    // More bytes of a sockaddr than there are.
    long[28] = 255;
    for (const wrong of [long, new Uint8Array(4), {}, undefined, 'x']) {
      expect(addon.bind(socket, wrong as Uint8Array<ArrayBuffer>)).toBeLessThan(0);
      expect(addon.send(socket, [KEY], [1], [wrong as Uint8Array<ArrayBuffer>])).toBe(1);
      expect(addon.report[0]).toBe(1);
    }
    const thrower = Object.defineProperty([1], 0, { get: () => expect.fail('read') }) as number[];
    expect(() => addon.send(socket, [KEY], thrower, [long])).toThrow('read');
  });
});

describeFaults('the addon of another file', (other) => {
  test('gets no handles of this one', () => {
    const addon = nativeAddon() as Whole | undefined;
    if (addon === undefined) return;
    const socket = addon.create(4) as Handle;
    expectTypeErrors(socketCalls(other as unknown as Whole), socket, 'socket');
    expectTypeErrors(socketCalls(addon), other.create(4), 'socket');
    const cipher = addon.cipher(AES_CFB, KEY);
    if (cipher !== undefined) expectTypeErrors(cipherCalls(other as unknown as Whole), cipher, 'cipher');
    addon.close(socket);
  });
});
