import { VirtualTimeScheduler } from 'rxjs';
import { DeadLinkError, DeliveryError, type SessionEnd } from 'rxkcp';
import { lineOf, pair, VirtualScheduler } from 'rxkcp/testing';
import { describe, expect, test } from 'vitest';
import { testScheduler, text, words } from '../support/marbles.ts';
import { bytes, seeded } from '../support/random.ts';
import { conversation, HASH, referencePair } from '../support/reference-run.ts';

describe('a pair of sessions', () => {
  test('delivers what is sent, both ways, and tells when it was', () => {
    const { left, right, run } = pair({ network: { delay: 50 }, options: { mode: 'fast3' } });
    const seen: unknown[] = [];
    right.delivered$.subscribe(({ at, delay, message }) => seen.push(['right', at, delay, words(message)]));
    left.delivered$.subscribe(({ at, delay, message }) => seen.push(['left', at, delay, words(message)]));
    left.send(text('hello'));
    run(10);
    right.send(text('world'));
    run();
    expect(seen).toEqual([
      ['right', 50, 50, 'hello'],
      ['left', 60, 50, 'world'],
    ]);
    expect([left.deliveredBytes, right.deliveredBytes, left.outstandingBytes]).toEqual([5, 5, 0]);
  });

  test('has a transcript that can be read', () => {
    const { left, run, transcript } = pair({
      network: { delay: 5, outgoing: { delay: 5, blackouts: [{ at: 0, duration: 10 }] } },
      options: { mode: 'fast3' },
    });
    left.send(text('hello'));
    run();
    expect(transcript.toString().split('\n')).toEqual([
      '       0 left  sent       PUSH sn=0 frg=0 una=0 wnd=128 len=5',
      '       0 left  lost       (blackout) PUSH sn=0 frg=0 una=0 wnd=128 len=5',
      '     200 left  sent       PUSH sn=0 frg=0 una=0 wnd=128 len=5',
      '     205 left  delivered  PUSH sn=0 frg=0 una=0 wnd=128 len=5',
      '     210 right sent       ACK sn=0 frg=16 una=1 wnd=128 len=0',
      '     215 right delivered  ACK sn=0 frg=16 una=1 wnd=128 len=0',
    ]);
  });

  test('keeps the newest entries of its transcript, and the hash of all', () => {
    const whole = conversation(pair({ seed: 3, network: { loss: 0.1, delay: 5 } }));
    const short = conversation(pair({ seed: 3, network: { loss: 0.1, delay: 5 }, keep: 7 }));
    const none = conversation(pair({ seed: 3, network: { loss: 0.1, delay: 5 }, keep: 0 }));
    expect(short.transcript.entries.map(lineOf)).toEqual(whole.transcript.entries.slice(-7).map(lineOf));
    expect(none.transcript.entries).toEqual([]);
    for (const { transcript } of [short, none]) {
      expect(transcript.hash).toBe(whole.transcript.hash);
      expect(transcript.count).toBe(whole.transcript.count);
    }
  });

  test.each([
    ['another byte', [1, 2, 9], 'after 2 bytes delivered as they were sent: 9 in place of 3'],
    ['another length', [1, 2], 'after 0 bytes delivered as they were sent: a message of 2 bytes in place of one of 3'],
    ['more than was sent', undefined, 'after 3 bytes delivered as they were sent: 3 bytes more than were sent'],
  ] as const)('fails its run when %s is delivered', (_, instead, message) => {
    const { left, right, run } = pair();
    if (instead === undefined) {
      left.send(Uint8Array.of(1, 2, 3));
      left.session.next(Uint8Array.of(1, 2, 3));
    } else {
      // The other end is told to expect something else.
      const { next } = left.session;
      left.session.next = () => next.call(left.session, Uint8Array.from(instead));
      left.send(Uint8Array.of(1, 2, 3));
    }
    expect(() => run(1000)).toThrow(DeliveryError);
    expect(() => run(1000)).toThrow(message);
    expect(right.session.closed).toBe(false);
  });

  test('checks bytes without borders in stream mode', () => {
    const { left, right, run } = pair({ options: { stream: true, writeDelay: true } });
    const random = seeded(1);
    for (let i = 0; i < 100; i++) left.send(bytes(random, 1 + 40 * i));
    run();
    expect(right.deliveredBytes).toBe(left.session.stats().bytesSent);
    left.send(text('abc'));
    left.session.next(text('x'));
    left.send(text('def'));
    expect(() => run()).toThrow('120 in place of 100');
  });

  test('tells how its sessions end, and closes them', () => {
    const { left, right, run, close } = pair({
      network: { loss: 1 },
      options: { mode: 'fast3' },
      left: { deadLink: 3 },
    });
    const ends: SessionEnd[] = [];
    left.session.closed$.subscribe((end) => ends.push(end));
    left.send(text('hello'));
    run(10_000);
    expect(ends).toEqual([
      { reason: 'failed', error: new DeadLinkError(1, { transmissions: 3, heardAgo: undefined }) },
    ]);
    close();
    expect(right.session.closed).toBe(true);
  });
});

describe('a run', () => {
  test('is the same a hundred times', () => {
    for (let i = 0; i < 100; i++) expect(conversation(pair(referencePair())).transcript.hash).toBe(HASH);
  });

  test('is the same with the schedulers of RxJS', () => {
    const virtualTime = new VirtualTimeScheduler(undefined, Number.POSITIVE_INFINITY);
    expect(conversation(pair({ ...referencePair(), scheduler: virtualTime })).transcript.hash).toBe(HASH);
    const marbles = testScheduler();
    expect(marbles.run(() => conversation(pair({ ...referencePair(), scheduler: marbles })).transcript.hash)).toBe(
      HASH,
    );
  });

  test('is another with another seed', () => {
    expect(conversation(pair({ ...referencePair(), seed: 8 })).transcript.hash).not.toBe(HASH);
  });

  test('begins at whatever time the clock has', () => {
    const scheduler = new VirtualScheduler(0xffff_ff00);
    const { right } = conversation(pair({ ...referencePair(), scheduler }));
    expect(right.outstandingBytes).toBe(0);
  });
});
