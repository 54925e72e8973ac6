import { of } from 'rxjs';
import { type Burst, connect, type FecShape, memoryPair } from 'rxkcp';
import { convOf, fecEncode } from 'rxkcp/operators';
import { expect, test } from 'vitest';
import { push, text } from '../support/marbles.ts';

/** The datagrams of a session that sends one message, and one out-of-band payload if it can. */
function datagramsOf(conv: number, fec?: FecShape): Uint8Array[] {
  const datagrams: Uint8Array[] = [];
  const [link] = memoryPair();
  const outgoing = { next: (burst: Burst) => void datagrams.push(...burst.map((datagram) => datagram.slice())) };
  const connection = connect({ link: { ...link, outgoing }, conv, fec }).subscribe((session) => {
    session.next(text('hello'));
    if (fec !== undefined) session.sendOob(text('aside'));
  });
  connection.unsubscribe();
  return datagrams;
}

test.each([0, 1, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff])('reads the conversation %d, without FEC framing', (conv) => {
  const datagrams = datagramsOf(conv);
  expect(new Set(datagrams.map(convOf))).toEqual(new Set([conv]));
  expect(convOf(push(0, 'hello', { conv: conv | 0 }))).toBe(conv);
});

test.each([1, 0xffff_fffe])(
  'reads the conversation %d in FEC framing: of data and of out-of-band datagrams',
  (conv) => {
    expect(new Set(datagramsOf(conv, { data: 10, parity: 3 }).map(convOf))).toEqual(new Set([conv]));
  },
);

test('reads it in parity, too: what all packets of a group have in common is in their parity', () => {
  const found: unknown[] = [];
  of([push(0, 'one', { conv: 5 }), push(1, 'the second', { conv: 5 })])
    .pipe(fecEncode({ data: 2, parity: 2 }))
    .subscribe((datagrams) => found.push(...datagrams.map(convOf)));
  expect(found).toEqual([5, 5, 5, 5]);
});

test('has nothing to say of what is too short for a header', () => {
  const whole = push(0, '');
  expect(convOf(whole)).toBe(1);
  for (let length = 0; length < whole.length; length++) expect(convOf(whole.subarray(0, length))).toBeUndefined();
});

test('leaves the datagram as it is', () => {
  const datagram = push(3, 'data');
  const before = datagram.slice();
  convOf(datagram);
  expect(datagram).toEqual(before);
});
