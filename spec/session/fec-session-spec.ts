// Sessions that use FEC, in virtual time and over links of the test's own making.

import { filter, map, type SchedulerLike, Subject } from 'rxjs';
import {
  aesGcm,
  type Burst,
  connect,
  FecRequiredError,
  type Link,
  memoryPair,
  OobTooLargeError,
  OptionError,
  Session,
  SessionClosedError,
  type SessionOptions,
  salsa20,
} from 'rxkcp';
import { describe, expect, test } from 'vitest';
import { fecTypeOf, seqidOf, TYPE_PARITY } from '../../src/core/fec/header.ts';
import { settledOptions } from '../../src/session/options.ts';
import { testScheduler, text, words } from '../support/marbles.ts';
import { open } from '../support/sessions.ts';

const fec = { data: 3, parity: 1 };

/** `link`, on whose way in only those datagrams arrive that `passes` lets through. */
function lossy(link: Link, passes: (datagram: Uint8Array, index: number) => boolean): Link {
  let index = 0;
  return {
    ...link,
    incoming: link.incoming.pipe(
      map((burst) => burst.filter((datagram) => passes(datagram, index++))),
      filter((burst) => burst.length > 0),
    ),
  };
}

/** Both ends, and what the right one has read, with the ms at which it did. */
function pair(
  scheduler: SchedulerLike,
  left: SessionOptions,
  right: SessionOptions,
  passes: (datagram: Uint8Array, index: number) => boolean = () => true,
): { a: Session; b: Session; read: string[] } {
  const [leftLink, rightLink] = memoryPair();
  const read: string[] = [];
  const b = open(lossy(rightLink, passes), { scheduler, ...right });
  const a = open(leftLink, { scheduler, ...left });
  b.pipe(map(words)).subscribe((word) => read.push(`${scheduler.now()} ${word}`));
  return { a, b, read };
}

describe('with FEC a session', () => {
  test('has what was lost with the parity of its group, long before it is sent again', () => {
    const read = (options: SessionOptions): string[] => {
      const scheduler = testScheduler();
      let messages: string[] = [];
      scheduler.run(() => {
        // The first group proves the shape; of the second the middle packet is lost.
        const ends = pair(scheduler, options, {}, (_, i) => i !== (options.fec ? 5 : 4));
        messages = ends.read;
        [...'abcdef'].forEach((word, i) => {
          scheduler.schedule(() => ends.a.next(text(word)), 5 * i);
        });
        scheduler.schedule(() => ends.a.close(), 1000);
        scheduler.schedule(() => ends.b.close(), 1000);
      });
      return messages;
    };
    expect(read({ mode: 'normal', fec })).toEqual(['0 a', '5 b', '10 c', '15 d', '25 e', '25 f']);
    expect(read({ mode: 'normal' })).toEqual(['0 a', '5 b', '10 c', '15 d', '40 e', '40 f']);
  });

  test('understands a peer that uses none, and is understood by one that is set to none', () => {
    for (const [left, right] of [
      [{ fec }, {}],
      [{}, { fec }],
      [{ fec: { data: 10, parity: 3 } }, { fec: { data: 2, parity: 2 } }],
      [{ fec: { encode: fec } }, { fec: { decode: fec } }],
    ] as const) {
      const scheduler = testScheduler();
      scheduler.run(() => {
        const { a, b, read } = pair(scheduler, left, right);
        b.subscribe(b);
        const echoes: string[] = [];
        a.pipe(map(words)).subscribe((word) => echoes.push(word));
        for (const word of 'abcdefg') a.next(text(word));
        scheduler.schedule(() => a.close(), 500);
        scheduler.schedule(() => b.close(), 500);
        scheduler.schedule(() => expect(echoes.join('')).toBe('abcdefg'), 400);
        expect(read.length).toBe(7);
      });
    }
  });

  test('sends bare what it sends when only the other direction has FEC', () => {
    const [left, right] = memoryPair();
    const types: unknown[] = [];
    right.incoming.subscribe((burst) => types.push(...burst.map(fecTypeOf)));
    const session = open(left, { fec: { decode: fec } });
    session.next(text('x'));
    expect(types).toEqual([undefined]);
    session.close();
  });

  test.each([
    ['bare', {}, 0],
    ['salsa20', { cipher: salsa20(new Uint8Array(32)) }, 20],
    ['AES-GCM', { cipher: aesGcm(new Uint8Array(32)) }, 28],
  ])('never exceeds the MTU, parity included: %s', (_, sealed, overhead) => {
    for (const mtu of [50 + overhead + 8, 576, 1472]) {
      const [left, right] = memoryPair();
      const lengths: number[] = [];
      right.incoming.subscribe((burst) => lengths.push(...burst.map(({ length }) => length)));
      const session = open(left, { fec, mtu, ...sealed, stream: true });
      session.next(new Uint8Array(10 * mtu));
      expect(Math.max(...lengths)).toBe(mtu);
      expect(session.stats().wireBytesSent).toBe(lengths.reduce((sum, length) => sum + length, 0));
      session.configure({ mtu: mtu - 1 + (mtu === 58 + overhead ? 1 : 0) });
      session.close();
    }
  });

  test('counts datagrams, and what FEC does, under kcp-go’s names', () => {
    const scheduler = testScheduler();
    scheduler.run(() => {
      const { a, b } = pair(scheduler, { fec }, { fec }, (_, i) => i !== 5);
      for (const word of 'abcdefghi') a.next(text(word));
      expect(b.snmp()).toMatchObject({
        InPkts: 11,
        FECRecovered: 1,
        FECFullShardSet: 2,
        FECParityShards: 3,
        FECErrs: 0,
        FECShardSet: 3,
        FECShardMin: 2,
      });
      expect(a.snmp()).toMatchObject({ OutPkts: 12 });
      a.close();
      b.close();
    });
  });

  test('numbers its groups by the clock it was given', () => {
    const scheduler = testScheduler();
    scheduler.run(() => {
      const [left, right] = memoryPair();
      const parity: number[] = [];
      right.incoming.subscribe((burst) => {
        for (const one of burst) if (fecTypeOf(one) === TYPE_PARITY) parity.push(seqidOf(one));
      });
      const session = open(left, {
        fec: { data: 2, parity: 1 },
        scheduler,
        mode: { nodelay: false, interval: 5000, resend: 0, nc: true },
      });
      for (const at of [0, 100, 150, 180]) scheduler.schedule(() => session.next(text('x')), at);
      scheduler.schedule(() => session.close(), 190);
      scheduler.schedule(() => expect(parity).toEqual([2, 5]), 185);
    });
  });

  test.each([
    [{ data: 0, parity: 1 }, 'fec.data'],
    [{ data: 10, parity: 247 }, 'fec.parity'],
    [{ data: 10 }, 'fec.parity'],
    [{ encode: { data: 1, parity: 'x' } }, 'fec.encode.parity'],
    [{ decode: 5 }, 'fec.decode'],
    ['10/3', 'fec'],
  ])('refuses %o at once, naming what is wrong', (wrong, option) => {
    const [link] = memoryPair();
    expect(() => connect({ link, fec: wrong as never })).toThrow(OptionError);
    expect(() => connect({ link, fec: wrong as never })).toThrow(`option ${option} must be`);
  });

  test('needs 8 bytes more of the MTU', () => {
    const [link] = memoryPair();
    expect(() => connect({ link, fec, mtu: 57 })).toThrow('option mtu must be an integer from 58 to 1472, got 57');
    const session = open(link, { fec, mtu: 58 });
    expect(() => session.configure({ mtu: 57 })).toThrow('option mtu must be an integer from 58 to 1472, got 57');
    session.close();
  });
});

describe('out of band a session', () => {
  /** Two ends that meet. */
  function ends(options: SessionOptions = {}): [Session, Session] {
    const [left, right] = memoryPair();
    return [open(left, { fec, ...options }), open(right, { fec, ...options })];
  }

  test('sends datagrams of any length that fits, at once, in both directions', () => {
    const [a, b] = ends({ mtu: 1000 });
    const seen: string[] = [];
    a.oob$.subscribe((payload) => seen.push(`a ${payload.length}`));
    b.oob$.subscribe((payload) => seen.push(`b ${payload.length} ${payload[0]}`));
    expect(a.oobMax).toBe(1000 - 8 - 4);
    a.sendOob(new Uint8Array(0));
    a.sendOob(Uint8Array.of(7));
    a.sendOob(new Uint8Array(a.oobMax).fill(9));
    b.sendOob(Uint8Array.of(1, 2));
    expect(seen).toEqual(['b 0 undefined', 'b 1 7', 'b 988 9', 'a 2']);
    expect(b.snmp()).toMatchObject({ OOBPackets: 3, InPkts: 3, OutPkts: 1 });
    a.close();
    b.close();
  });

  test('sends larger ones once the MTU is larger, and no larger ones than before when only other settings change', () => {
    const [a, b] = ends({ mtu: 1000 });
    const lengths: number[] = [];
    b.oob$.subscribe(({ length }) => lengths.push(length));
    a.configure({ mtu: 1200 });
    expect(a.oobMax).toBe(1200 - 8 - 4);
    a.configure({ sendWindow: 64 });
    a.sendOob(new Uint8Array(a.oobMax));
    expect(() => a.sendOob(new Uint8Array(1189))).toThrow(new OobTooLargeError(1189, 1188));
    expect(lengths).toEqual([1188]);
    a.close();
    b.close();
  });

  test('takes no part in groups, nor in the conversation', () => {
    const [a, b] = ends();
    const seen: string[] = [];
    b.pipe(map(words)).subscribe((word) => seen.push(word));
    b.oob$.pipe(map(words)).subscribe((word) => seen.push(`(${word})`));
    for (const word of 'abc') {
      a.next(text(word));
      a.sendOob(text(word));
    }
    expect(seen.join('')).toBe('a(a)b(b)c(c)');
    expect(b.snmp()).toMatchObject({ FECFullShardSet: 1, FECParityShards: 1, OOBPackets: 3 });
    a.close();
    b.close();
  });

  test('copies what it sends, and what it delivers is the subscriber’s', () => {
    const [a, b] = ends();
    const seen: Uint8Array[] = [];
    b.oob$.subscribe((payload) => seen.push(payload));
    const payload = text('stay');
    a.sendOob(payload);
    payload.fill(0);
    a.sendOob(text('more'));
    expect(seen.map(words)).toEqual(['stay', 'more']);
    expect(seen[0]?.buffer.byteLength).toBe(4);
    a.close();
    b.close();
  });

  test('gets what came before its handler could subscribe, in order and up to 32', () => {
    const [left, right] = memoryPair();
    const b = new Session(right, settledOptions({ fec, conv: 1 }), 'passive');
    const a = open(left, { fec });
    for (let i = 0; i < 40; i++) a.sendOob(Uint8Array.of(i));
    const seen: number[] = [];
    b.oob$.subscribe(([first]) => seen.push(first as number));
    expect(seen).toEqual([]);
    b.start();
    a.sendOob(Uint8Array.of(99));
    expect(seen).toEqual([...Array(32).keys(), 99]);
    a.close();
    b.close();
  });

  test('ignores another conversation’s, and counts it', () => {
    const [left, right] = memoryPair();
    const a = open(left, { fec, conv: 5 });
    const b = open(right, { fec, conv: 6 });
    const seen: unknown[] = [];
    b.oob$.subscribe((payload) => seen.push(payload));
    a.sendOob(text('hi'));
    expect(seen).toEqual([]);
    expect(b.snmp()).toMatchObject({ KCPInErrors: 1, OOBPackets: 1 });
    a.close();
    b.close();
  });

  test('refuses what is too large, no bytes, and everything after its end', () => {
    const [a, b] = ends({ mtu: 100 });
    const tooLarge = new OobTooLargeError(89, 88);
    expect(() => a.sendOob(new Uint8Array(89))).toThrow(tooLarge);
    expect(tooLarge.message).toBe('an out-of-band payload of 89 bytes is over the limit of 88 (one datagram)');
    expect(() => a.sendOob('hi' as never)).toThrow('option payload must be a Uint8Array, got "hi"');
    let completed = false;
    a.oob$.subscribe({ complete: () => (completed = true) });
    a.close();
    expect(() => a.sendOob(text('x'))).toThrow(SessionClosedError);
    expect(completed).toBe(true);
    b.complete();
    expect(() => b.sendOob(text('x'))).toThrow(SessionClosedError);
    b.close();
  });

  test('needs FEC, whose framing it uses, and says so', () => {
    const [link] = memoryPair();
    const session = open(link, { fec: { decode: fec } });
    expect(session.oobMax).toBe(0);
    expect(() => session.sendOob(text('x'))).toThrow(FecRequiredError);
    let failure: unknown;
    session.oob$.subscribe({ error: (error) => (failure = error) });
    expect(failure).toEqual(new FecRequiredError(1));
    session.close();
  });

  test('may be sent to and closed from its own handler', () => {
    const [a, b] = ends();
    b.oob$.subscribe((payload) => b.sendOob(payload));
    let bounces = 0;
    a.oob$.subscribe((payload) => {
      if (++bounces < 5) a.sendOob(payload);
      else a.close();
    });
    a.sendOob(text('x'));
    expect(bounces).toBe(5);
    expect(a.closed).toBe(true);
    b.close();
  });
});

test('a link that repeats, damages and mixes up FEC datagrams ends nothing', () => {
  const incoming = new Subject<Burst>();
  const session = open({ incoming, outgoing: { next: () => {} } }, { fec });
  for (const length of [0, 3, 5, 6, 7, 8, 12, 30]) {
    for (const type of [0xf1, 0xf2, 0xf3]) {
      const datagram = new Uint8Array(length).fill(0xff);
      datagram.set([type, 0].slice(0, Math.max(length - 4, 0)), Math.min(4, length));
      incoming.next([datagram]);
    }
  }
  expect(session.closed).toBe(false);
  const { InErrs, KCPInErrors } = session.snmp();
  expect([InErrs, KCPInErrors].every((count) => count > 0)).toBe(true);
  session.close();
});
