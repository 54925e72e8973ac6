// The mark of packets that FEC has rebuilt, and what layers between fecDecode and arq.receive make of it.

import { asyncScheduler, type MonoTypeOperatorFunction, map, mergeMap, observeOn, Subject, tap } from 'rxjs';
import type { Burst } from 'rxkcp';
import { arq, fecDecode, fecEncode, RecoveredPacket } from 'rxkcp/operators';
import { impairBursts, VirtualScheduler } from 'rxkcp/testing';
import { describe, expect, test } from 'vitest';
import { claimRecovered, passOn } from '../../src/core/fec/recovered-packet.ts';
import { encoded } from '../support/fec.ts';
import { push } from '../support/marbles.ts';

const each = (make: (packet: Uint8Array) => Uint8Array): MonoTypeOperatorFunction<Burst> =>
  map((burst) => burst.map(make));

/** The sender's RTO again and again, over a lossy network on which FEC repairs most, with `layer` in front of both receivers. */
function timeouts(layer: MonoTypeOperatorFunction<Burst>): number[] {
  const scheduler = new VirtualScheduler();
  const options = { conv: 1, scheduler, mode: 'fast3', sendWindow: 512, receiveWindow: 512 } as const;
  const [a, b] = [arq(options), arq(options)];
  const [toA, toB, messages] = [new Subject<Burst>(), new Subject<Burst>(), new Subject<Uint8Array>()];
  const network = (seed: number) => impairBursts({ delay: 50, loss: 0.1, jitter: 5 }, { scheduler, seed });
  const fec = () => fecEncode({ data: 10, parity: 3 }, { scheduler });
  toB.pipe(network(1), fecDecode(), layer, b.receive).subscribe();
  new Subject<Uint8Array>().pipe(b.transmit, fec()).subscribe(toA);
  toA.pipe(network(10), fecDecode(), layer, a.receive).subscribe();
  messages.pipe(a.transmit, fec()).subscribe(toB);
  const rtos: number[] = [];
  for (let i = 1; i <= 1000; i++) {
    messages.next(new Uint8Array(100));
    scheduler.run(20 * i);
    rtos.push(a.stats().rto);
  }
  return rtos;
}

describe('the mark of a packet that was rebuilt', () => {
  const untouched = timeouts((source) => source);

  test.each<[string, MonoTypeOperatorFunction<Burst>]>([
    ['subarray()', each((packet) => packet.subarray(0))],
    ['slice()', each((packet) => packet.slice())],
    ['bytes that the layer has made', each((packet) => new Uint8Array(packet))],
    ['a Buffer', each((packet) => Buffer.from(packet))],
    ['an operator that looks on', tap()],
    [
      'two layers',
      (source) =>
        source.pipe(
          each((packet) => new Uint8Array(packet)),
          each((packet) => packet.slice()),
        ),
    ],
  ])('survives %s', (_, layer) => {
    expect(timeouts(layer)).toEqual(untouched);
  });

  test('is lost where a layer makes new bytes and another number of packets', () => {
    const halves = mergeMap((burst: Burst) => burst.map((packet) => [new Uint8Array(packet)]));
    expect(timeouts(halves)).not.toEqual(untouched);
  });

  test('survives a wait, if the packets are the same', async () => {
    const shape = { data: 2, parity: 1 };
    const datagrams = encoded(
      Array.from({ length: 6 }, (_, sn) => push(sn, `${sn}`)),
      shape,
    );
    const seen: Uint8Array[] = [];
    const source = new Subject<Burst>();
    source
      .pipe(
        fecDecode(),
        observeOn(asyncScheduler),
        each((packet) => packet.subarray(0)),
      )
      .subscribe((burst) => seen.push(...burst));
    // The last group's second packet is lost.
    for (const [place, datagram] of datagrams.entries()) if (place !== 7) source.next([datagram]);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(seen.filter((packet) => packet instanceof RecoveredPacket).length).toBe(1);
    expect(seen.length).toBe(6);
  });
});

describe('a burst that is passed on', () => {
  const [plain, rebuilt] = [new Uint8Array(1), new RecoveredPacket(1)];

  test('tells the first that asks which packets were rebuilt', () => {
    const told: unknown[] = [];
    passOn([plain, rebuilt], true, () => told.push(claimRecovered(2), claimRecovered(2)));
    told.push(claimRecovered(2));
    expect(told).toEqual([[false, true], undefined, undefined]);
  });

  test('tells nothing to who has another number of packets', () => {
    passOn([plain, rebuilt], true, () => {
      expect(claimRecovered(1)).toBeUndefined();
      expect(claimRecovered(2)).toBeUndefined();
    });
  });

  test('tells nothing to another conversation, whose burst is passed on meanwhile', () => {
    const told: unknown[] = [];
    passOn([plain, rebuilt], true, () => {
      passOn([plain, plain], false, () => told.push(claimRecovered(2)));
      passOn([rebuilt, plain], true, () => told.push(claimRecovered(2)));
      told.push(claimRecovered(2));
    });
    expect(told).toEqual([undefined, [true, false], [false, true]]);
  });

  test('is forgotten when what takes it throws', () => {
    const fails = (): never => {
      throw new Error('failure');
    };
    expect(() => passOn([rebuilt], true, fails)).toThrow('failure');
    expect(claimRecovered(1)).toBeUndefined();
  });
});
