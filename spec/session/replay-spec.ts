// What is recorded, and sent again: to the server, from the same or another address, or back to the client.

import { aeadCipher, aesGcm, chacha20Poly1305, OptionError, resetSnmp, snmp } from 'rxkcp';
import { describe, expect, test } from 'vitest';
import { NonceMemory } from '../../src/core/crypto/nonce-memory.ts';
import { alice, bob } from '../server/support/forger.ts';
import { MovableClient } from '../server/support/movable-client.ts';
import { text } from '../support/marbles.ts';

const KEY = Uint8Array.from({ length: 32 }, (_, i) => i);

/** Neither secret nor safe, but an AEAD. */
const toy = (options = {}) =>
  aeadCipher(
    {
      name: 'toy',
      nonceBytes: 24,
      tagBytes: 1,
      seal: (_nonce, packet) => Uint8Array.of(...packet, 7),
      open: (_nonce, sealed) => (sealed.at(-1) === 7 ? sealed.slice(0, -1) : undefined),
    },
    options,
  );

const AEADS = { 'aes-256-gcm': aesGcm, 'chacha20-poly1305': chacha20Poly1305 } as const;

describe.each(Object.entries(AEADS))('with %s', (_name, make) => {
  for (const portable of [false, true]) {
    test(`a whole conversation that is repeated delivers nothing, and makes no session (portable: ${portable})`, () => {
      const network = new MovableClient(alice, make(KEY, { portable }));
      for (const word of ['transfer', 'ten', 'coins']) {
        network.session?.next(text(word));
        network.run(100);
      }
      network.session?.close();
      network.run(100_000);
      expect(network.received).toEqual(['transfer', 'ten', 'coins']);
      const recorded = [...network.outgoing];
      for (const from of [alice, bob]) {
        for (const datagram of recorded) {
          network.toServer(from, datagram.slice());
          network.run(10);
        }
      }
      network.run(100_000);
      expect(network.sessions.length).toBe(1);
      expect(network.received).toEqual(['transfer', 'ten', 'coins']);
    });

    test(`datagrams that are reflected, or repeated, are dropped and counted (portable: ${portable})`, () => {
      const network = new MovableClient(alice, make(KEY, { portable }));
      network.session?.next(text('x'));
      network.run(100);
      const [own, theirs] = [network.outgoing[0] as Uint8Array, network.incoming[0] as Uint8Array];
      const { packetsReceived } = network.session?.stats() ?? {};
      resetSnmp();
      network.toClient(own.slice(), theirs.slice());
      network.toClient(own.slice());
      expect(snmp().InCsumErrors).toBe(3);
      expect(network.session?.stats().packetsReceived).toBe(packetsReceived);
    });
  }

  test('a burst may hold what is forged, what is new, and the new once more', () => {
    const network = new MovableClient(alice, make(KEY));
    network.session?.next(text('first'));
    network.run(100);
    network.session?.next(text('second'));
    const fresh = network.outgoing.at(-1) as Uint8Array;
    const forged = fresh.slice();
    forged[forged.length - 1] = (forged.at(-1) as number) ^ 1;
    resetSnmp();
    network.toServer(alice, forged, fresh.slice(), forged.slice(), fresh.slice());
    expect(network.received).toEqual(['first', 'second']);
    expect(snmp().InCsumErrors).toBe(3);
  });
});

test('of an AEAD of the user’s the nonces are remembered, too', () => {
  const network = new MovableClient(alice, toy());
  network.session?.next(text('x'));
  network.run(100);
  network.session?.close();
  network.run(100_000);
  for (const datagram of [...network.outgoing]) network.toServer(bob, datagram);
  expect(network.sessions.length).toBe(1);
});

test('with `nonceMemory: 0` nothing is remembered', () => {
  const network = new MovableClient(alice, toy({ nonceMemory: 0 }));
  network.session?.next(text('x'));
  network.run(100);
  network.toServer(bob, (network.outgoing[0] as Uint8Array).slice());
  expect(network.sessions.length).toBe(2);
});

test.each([-1, 1.5, 2 ** 24 + 1, '9'])('nonceMemory: %s is refused', (nonceMemory) => {
  expect(() => aesGcm(KEY, { nonceMemory: nonceMemory as number })).toThrow(OptionError);
});

describe('the memory of nonces', () => {
  const nonce = (i: number): Uint8Array => {
    const bytes = new Uint8Array(12);
    new DataView(bytes.buffer).setUint32(0, i);
    new DataView(bytes.buffer).setUint32(4, i * 7);
    return bytes;
  };

  test('knows at least as many as it should, at most twice as many, and each once', () => {
    const max = 1000;
    const memory = new NonceMemory(max);
    for (let i = 0; i < 10 * max; i++) expect(memory.add(nonce(i))).toBe(true);
    let known = 0;
    for (let i = 10 * max - 1; i >= 0; i--) {
      if (memory.add(nonce(i))) break;
      known++;
    }
    expect(known).toBeGreaterThanOrEqual(max);
    expect(known).toBeLessThanOrEqual(2 * max);
  });

  test('tells 0 from nothing, and halves that are equal from wholes that are', () => {
    const memory = new NonceMemory(10);
    const words = [
      [0, 0],
      [0, 5],
      [5, 0],
      [5, 5],
    ] as const;
    const all = words.map(([low, high]) => {
      const bytes = new Uint8Array(8);
      new DataView(bytes.buffer).setUint32(0, low, true);
      new DataView(bytes.buffer).setUint32(4, high, true);
      return bytes;
    });
    expect(all.map((bytes) => memory.add(bytes))).toEqual([true, true, true, true]);
    expect(all.map((bytes) => memory.add(bytes))).toEqual([false, false, false, false]);
  });
});
