// Out-of-band datagrams that the network, or the `duplicates` option, delivers more than once.

import { map } from 'rxjs';
import { type Burst, type Link, memoryPair } from 'rxkcp';
import { impair, VirtualScheduler } from 'rxkcp/testing';
import { describe, expect, test } from 'vitest';
import { OOB_SEQID, seqidOf, writeFecHeader } from '../../src/core/fec/header.ts';
import { open } from '../support/sessions.ts';

const fec = { data: 3, parity: 1 };

/** `link`, whose outgoing datagrams `change` may change. */
const changed = (link: Link, change: (burst: Burst) => Burst): Link => ({
  ...link,
  outgoing: { next: (burst) => link.outgoing.next(change(burst)) },
});

describe('an out-of-band datagram', () => {
  test('is delivered once, however often `duplicates` sends it', () => {
    const [left, right] = memoryPair();
    const [a, b] = [open(left, { fec, duplicates: 2 }), open(right, { fec })];
    const seen: number[] = [];
    b.oob$.pipe(map(([first]) => first as number)).subscribe((first) => seen.push(first));
    for (const value of [7, 8, 8]) a.sendOob(Uint8Array.of(value));
    expect(seen).toEqual([7, 8, 8]);
    expect(b.snmp()).toMatchObject({ OOBPackets: 9, KCPInErrors: 0 });
    a.close();
    b.close();
  });

  test('is delivered once over a network that repeats and reorders', () => {
    const scheduler = new VirtualScheduler();
    const [left, right] = memoryPair();
    const a = open(impair({ duplicate: 0.5, delay: 20, jitter: 30, seed: 1, scheduler })(left), { fec, scheduler });
    const b = open(right, { fec, scheduler });
    const seen: number[] = [];
    b.oob$.subscribe(([high, low]) => seen.push((high as number) * 256 + (low as number)));
    for (let i = 0; i < 2000; i++) scheduler.schedule(() => a.sendOob(Uint8Array.of(i >> 8, i)), i);
    scheduler.run(3000);
    expect(seen.length).toBe(2000);
    expect(new Set(seen).size).toBe(2000);
    a.close();
    b.close();
  });

  test('has a number, which is never kcp-go’s', () => {
    const [left, right] = memoryPair();
    const numbers: number[] = [];
    right.incoming.subscribe((burst) => numbers.push(...burst.map(seqidOf)));
    const a = open(left, { fec });
    for (let i = 0; i < 3; i++) a.sendOob(Uint8Array.of(1));
    expect(numbers).toEqual([0, 1, 2]);
    expect(numbers).not.toContain(OOB_SEQID);
    a.close();
  });

  test('of a kcp-go peer, which numbers none, is delivered as often as it comes', () => {
    const [left, right] = memoryPair();
    const asKcpGo = changed(left, (burst) =>
      burst.map((datagram) => {
        const copy = Uint8Array.from(datagram);
        writeFecHeader(copy, OOB_SEQID, 0xf3);
        return copy;
      }),
    );
    const [a, b] = [open(asKcpGo, { fec, duplicates: 1 }), open(right, { fec })];
    const seen: number[] = [];
    b.oob$.subscribe(([first]) => seen.push(first as number));
    a.sendOob(Uint8Array.of(7));
    expect(seen).toEqual([7, 7]);
    a.close();
    b.close();
  });
});
