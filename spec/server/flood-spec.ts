// A flood of forged openers, of which nothing is kept, in virtual time. (By a real forger, with times and bytes: npm run bench:hostile -- --only flood.)

import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { type Address, aesGcm, refusals, resetRefusals } from 'rxkcp';
import { beforeEach, describe, expect, test } from 'vitest';
import { push } from '../support/marbles.ts';
import { integer, seeded } from '../support/random.ts';
import { alice, bob, carol, ForgedNetwork } from './support/forger.ts';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

const OPENERS = 20_000;
/** Default of `maxUnproven`. */
const CAP = 128;

beforeEach(() => resetRefusals());

test('of 20,000 forged openers from as many addresses, 128 have a session, nothing is known of the others, and is sent less than it sent', async () => {
  const network = new ForgedNetwork();
  network.from(alice, push(0, 'mine', { conv: 7 }));
  network.scheduler.run(150);
  network.from(alice, network.answerOf(alice));
  expect(refusals().challenges).toBe(1);
  let most = 0;
  const forged = flood(network, () => {
    most = Math.max(most, network.sessions.filter(({ closed }) => !closed).length);
  });
  expect(most).toBe(CAP + 1);
  // Those that prove nothing end after 30 s, and others take their place.
  expect(network.sessions.length).toBe(1 + 2 * CAP);
  // A challenge is shorter than an opener. What had a session was sent three times as much and a datagram.
  const sums = [...network.came].map(([key, came]) => ({ key, came, left: network.left.get(key) ?? 0 }));
  const larger = sums.filter(({ key, came, left }) => key.startsWith('127.') && left > came);
  expect(larger.length).toBeLessThanOrEqual(2 * CAP);
  for (const { came, left } of larger) expect(left).toBeLessThanOrEqual(3 * came + 1400);

  // Whoever the server still knows, it knows by the very address that came. The sessions that have ended are kept by this spec.
  await new Promise(setImmediate);
  collectGarbage();
  expect(forged.filter((address) => address.deref() !== undefined).length).toBeLessThanOrEqual(2 * CAP);

  // The session that was there goes on, and a client comes in as ever.
  network.from(alice, push(1, 'still mine', { conv: 7 }));
  expect(network.messages.at(-1)).toBe('1:still mine');
  network.from(bob, push(0, 'hello'));
  network.from(bob, network.answerOf(bob));
  network.from(bob, push(0, 'hello'));
  expect(network.messages.at(-1)?.endsWith(':hello')).toBe(true);
  network.subscription.unsubscribe();
});

describe('a hub without time for strangers', () => {
  const priority = {
    known: [] as string[],
    hasTime: true,
    add: ({ address }: Address) => void priority.known.push(address),
    delete: ({ address }: Address) => void priority.known.splice(priority.known.indexOf(address), 1),
    answersStranger: () => priority.hasTime,
  };

  beforeEach(() => {
    priority.known.length = 0;
    priority.hasTime = true;
  });

  test('has openers dropped that would be challenged, and takes what answers a challenge', () => {
    const network = new ForgedNetwork({ maxUnproven: 0 }, undefined, priority);
    network.from(carol, push(0, 'x'));
    priority.hasTime = false;
    network.from(bob, push(0, 'x'));
    expect(network.leftFor(bob)).toBe(0);
    expect(refusals().challenges).toBe(1);
    network.from(carol, network.answerOf(carol));
    expect(network.sessions.length).toBe(1);
    network.subscription.unsubscribe();
  });

  test('still has sessions begin where no proof is asked for first', () => {
    priority.hasTime = false;
    const network = new ForgedNetwork({}, undefined, priority);
    network.from(bob, push(0, 'x'));
    expect(network.messages).toEqual(['1:x']);
    network.subscription.unsubscribe();
  });

  test('is told of each client once it has proven its address, and when its session ends', () => {
    const network = new ForgedNetwork({}, undefined, priority);
    network.from(alice, push(0, 'x'));
    network.scheduler.run(150);
    expect(priority.known).toEqual([]);
    network.from(alice, network.answerOf(alice));
    expect(priority.known).toEqual([alice.address]);
    network.sessions[0]?.close();
    expect(priority.known).toEqual([]);
    network.subscription.unsubscribe();
  });

  test('is told at once where no proof is wanted, through a cipher, too', () => {
    const cipher = aesGcm(new Uint8Array(32));
    const network = new ForgedNetwork({ validate: 'off', cipher }, undefined, priority);
    const [sealed] = cipher.seal([push(0, 'x')]) as [Uint8Array];
    network.from(alice, sealed);
    expect(priority.known).toEqual([alice.address]);
    network.subscription.unsubscribe();
    expect(priority.known).toEqual([]);
  });
});

/** Openers of a byte from random loopback addresses, for 40 s. Returns the addresses, which nobody here keeps. */
function flood(network: ForgedNetwork, look: () => void): WeakRef<Address>[] {
  const random = seeded(17);
  const below = (end: number): number => integer(random, 0, end - 1);
  return Array.from({ length: OPENERS }, (_, i) => {
    const peer = { address: `127.${1 + below(250)}.${below(256)}.${below(256)}`, port: 1024 + below(60_000) };
    network.from(peer, push(0, 'x', { conv: below(2 ** 32) | 0, ts: below(2 ** 32) | 0 }));
    network.scheduler.run(network.scheduler.now() + 2);
    if (i % 100 === 0) look();
    return new WeakRef(peer);
  });
}
