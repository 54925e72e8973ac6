// An attacker on the path, against every kind of cipher. RXKCP_ATTACK=1000000 makes it that many datagrams each.

import { aes256, aesGcm, type Cipher, chacha20Poly1305, connect, memoryPair, none, OptionError, salsa20 } from 'rxkcp';
import { type AttackAct, type AttackOptions, attack, VirtualScheduler } from 'rxkcp/testing';
import { describe, expect, test } from 'vitest';

const KEY = Uint8Array.from({ length: 32 }, (_, i) => 7 * i);
const DATAGRAMS = Number(process.env.RXKCP_ATTACK ?? 5000);

interface Outcome {
  readonly received: readonly number[][];
  readonly sent: number;
  readonly datagrams: number;
  readonly failures: readonly unknown[];
  readonly acts: ReadonlyMap<AttackAct, number>;
}

/** Both ends send numbered messages through an attacked link until so many datagrams have passed, and a while after. */
function converse(cipher: Cipher, options: AttackOptions, wanted: number): Outcome {
  const scheduler = new VirtualScheduler();
  const acts = new Map<AttackAct, number>();
  let datagrams = 0;
  const [left, right] = memoryPair();
  const counted = {
    ...left,
    outgoing: {
      next: (burst: readonly Uint8Array[]) => {
        datagrams += burst.length;
        left.outgoing.next(burst);
      },
    },
  };
  const onAct = (act: AttackAct): unknown => acts.set(act, (acts.get(act) ?? 0) + 1);
  const attacked = attack({ ...options, onAct })(counted);
  const received: number[][] = [[], []];
  const failures: unknown[] = [];
  const sessions = [attacked, right].map((link, i) => {
    const each = connect({ link, conv: 9, cipher, scheduler, mode: 'fast3', sendWindow: 64 });
    let session: import('rxkcp').Session | undefined;
    each.subscribe((one) => {
      session = one;
      const next = (message: Uint8Array): void => {
        // The number, and a sum that tells of any change.
        const sum = message.subarray(4).reduce((a, b) => a + b, 0);
        const number = new DataView(message.buffer).getUint32(0);
        received[i]?.push(sum === sumOf(number) ? number : -1);
      };
      one.subscribe({ next, error: (error) => failures.push(error) });
    });
    return session as unknown as import('rxkcp').Session;
  });
  let sent = 0;
  while (datagrams < wanted && sessions.every(({ closed }) => !closed)) {
    for (const session of sessions) session.next(messageOf(sent));
    sent++;
    scheduler.run(scheduler.now() + 5);
  }
  scheduler.run(scheduler.now() + 20_000);
  return { received, sent, datagrams, failures, acts };
}

function messageOf(number: number): Uint8Array {
  const message = new Uint8Array(40).fill(number & 127, 4);
  new DataView(message.buffer).setUint32(0, number);
  return message;
}
const sumOf = (number: number): number => 36 * (number & 127);

describe.each([
  ['aes-256-gcm', aesGcm(KEY)],
  ['chacha20-poly1305', chacha20Poly1305(KEY)],
])('with %s', (_, cipher) => {
  test.each([1, 2, 3])('nothing is altered, repeated or out of order, and nothing is lost (seed %i)', (seed) => {
    const { received, sent, datagrams, failures, acts } = converse(cipher, { seed }, DATAGRAMS);
    expect(failures).toEqual([]);
    expect(datagrams).toBeGreaterThanOrEqual(DATAGRAMS);
    const all = Array.from({ length: sent }, (_, i) => i);
    expect(received[0]).toEqual(all);
    expect(received[1]).toEqual(all);
    expect(acts.size).toBe(8);
  });
});

describe('with a CRC-32, which is no authentication', () => {
  test.each([
    ['salsa20', salsa20(KEY)],
    ['aes-256 in CFB', aes256(KEY)],
    ['none', none(KEY)],
  ])('%s: whoever changes the last block with care has it delivered', (_, cipher) => {
    const only = { flip: 0, truncate: 0, extend: 0, reorder: 0, replay: 0, reflect: 0, inject: 0 };
    const { received } = converse(cipher, { ...only, flipUnseen: 0.2 }, 400);
    expect(received.flat()).toContain(-1);
  });
});

test('what is reflected comes back to the end that has sent it, in both directions', () => {
  const none = { flip: 0, flipUnseen: 0, truncate: 0, extend: 0, reorder: 0, replay: 0, inject: 0 };
  const [left, right] = memoryPair();
  const attacked = attack({ ...none, reflect: 1 })(left);
  const [atLeft, atRight]: [number[], number[]] = [[], []];
  attacked.incoming.subscribe((burst) => atLeft.push(...burst.map(([byte]) => byte as number)));
  right.incoming.subscribe((burst) => atRight.push(...burst.map(([byte]) => byte as number)));
  attacked.outgoing.next([Uint8Array.of(1)]);
  expect([atLeft, atRight]).toEqual([[1], [1]]);
  right.outgoing.next([Uint8Array.of(2)]);
  expect([atLeft, atRight]).toEqual([
    [1, 2],
    [1, 2],
  ]);
});

test('the same seed makes for the same attack', () => {
  const run = () => converse(aesGcm(KEY), { seed: 5 }, 1000);
  expect([...run().acts]).toEqual([...run().acts]);
});

test.each([
  [{ flip: 2 }, 'flip'],
  [{ replay: '1' }, 'replay'],
  [{ seed: 1.5 }, 'seed'],
  [{ flips: 1 }, 'flips'],
])('%o is refused', (options, name) => {
  expect(() => attack(options as AttackOptions)).toThrow(OptionError);
  expect(() => attack(options as AttackOptions)).toThrow(name);
});
