// Peers that move to another address: their NAT has forgotten them, or their network is another.

import { aes256, aesGcm, listen, OptionError, refusals, resetRefusals } from 'rxkcp';
import { beforeEach, describe, expect, test } from 'vitest';
import { text } from '../support/marbles.ts';
import { alice, bob, carol } from './support/forger.ts';
import { MovableClient } from './support/movable-client.ts';

const KEY = Uint8Array.from({ length: 32 }, (_, i) => i);

beforeEach(() => resetRefusals());

describe('with `migrate`', () => {
  const moving = (options = {}) => new MovableClient(alice, aesGcm(KEY), { migrate: true, ...options });

  test('a session goes on with a client whose port changes each second, and nothing is lost', () => {
    const network = moving();
    const sent: string[] = [];
    for (let i = 0; i < 200; i++) {
      const word = `message ${i}`;
      sent.push(word);
      network.session?.next(text(word));
      network.run(50);
      if (i % 20 === 9) network.at = { ...network.at, port: network.at.port + 1 };
    }
    network.run(5000);
    expect(network.sessions.length).toBe(1);
    expect(network.received).toEqual(sent);
    expect(network.echoed).toEqual(sent);
    expect(refusals().moves).toBe(10);
    expect(network.sessions[0]?.remote).toEqual(network.at);
  });

  test('the pause is two round trips and an RTO or two', () => {
    const network = moving();
    const say = (): void => network.session?.next(text('x'));
    for (let i = 0; i < 50; i++) {
      say();
      network.run(20);
    }
    network.at = bob;
    const before = network.echoed.length;
    const movedAt = network.scheduler.now();
    while (network.echoed.length <= before + 1) {
      say();
      network.run(5);
    }
    const { rto } = network.sessions[0]?.stats() ?? { rto: 0 };
    expect(network.scheduler.now() - movedAt).toBeLessThanOrEqual(2 * 20 + 2 * rto);
  });

  test('a client moves once per second at most', () => {
    const network = moving();
    network.session?.next(text('x'));
    network.run(1500);
    for (let i = 0; i < 20; i++) {
      network.at = i % 2 ? alice : bob;
      network.session?.next(text('x'));
      network.run(100);
    }
    expect(refusals().moves).toBeLessThanOrEqual(3);
  });

  test('a datagram that is sent on from elsewhere does not take the session along without an answer from there', () => {
    const network = moving();
    network.session?.next(text('one'));
    network.run(1500);
    network.session?.next(text('two'));
    // Somebody in between has it arrive from elsewhere, and sees what the server says to that.
    network.toServer(carol, (network.outgoing.at(-1) as Uint8Array).slice());
    network.run(1000);
    expect(network.received).toEqual(['one', 'two']);
    expect(network.echoed).toEqual(['one', 'two']);
    expect(network.sessions[0]?.remote).toEqual(alice);
    expect(refusals().moves).toBe(0);
  });

  test('what does not open makes nobody move, and is not answered', () => {
    const network = moving();
    network.session?.next(text('one'));
    network.run(1500);
    const before = network.outgoing.length;
    network.toServer(bob, new Uint8Array(100).fill(3));
    network.run(1000);
    expect(network.sessions.length).toBe(1);
    expect(refusals().moves).toBe(0);
    expect(network.outgoing.length).toBe(before);
  });
});

test('without it a client that moved is a stranger in the middle of a conversation', () => {
  const network = new MovableClient(alice, aesGcm(KEY));
  network.session?.next(text('one'));
  network.run(1500);
  network.at = bob;
  network.session?.next(text('two'));
  network.run(1000);
  expect(network.received).toEqual(['one']);
  expect(network.sessions.length).toBe(1);
});

test('a cipher that proves nothing is refused', () => {
  const link = new MovableClient(alice, aesGcm(KEY));
  expect(link.sessions.length).toBe(0);
  expect(() => listen({ port: 0, migrate: true, cipher: aes256(KEY) })).toThrow(OptionError);
  expect(() => listen({ port: 0, migrate: true })).toThrow(/migrate/);
});
