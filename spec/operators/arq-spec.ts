import { concatWith, map, NEVER, Observable, of, Subject, tap } from 'rxjs';
import {
  AlreadySubscribedError,
  InvalidBurstError,
  MessageTooLargeError,
  OptionError,
  SendQueueFullError,
} from 'rxkcp';
import { arq, RecoveredPacket } from 'rxkcp/operators';
import { VirtualScheduler } from 'rxkcp/testing';
import { describe, expect, test } from 'vitest';
import { askForHeadroom, type Burst } from '../../src/bytes/burst.ts';
import { ack, packet, push, testScheduler, text, timedLabel, words } from '../support/marbles.ts';

const hello = text('hello');
const full = map((burst: Burst) => burst.map(timedLabel).join(' | '));

// What KCP does when: spec/marbles. Here is what the operators do about it.

describe('transmit', () => {
  test('schedules nothing when there is nothing to wait for, and nothing after it was unsubscribed from', () => {
    const scheduler = testScheduler();
    scheduler.run(() => {
      const messages = new Subject<Uint8Array>();
      const bursts = new Subject<Burst>();
      const { transmit, receive } = arq({ conv: 1, scheduler, mode: 'fast3' });
      const subscription = messages.pipe(transmit).subscribe();
      bursts.pipe(receive).subscribe();
      const pending = (): number => scheduler.actions.filter((action) => !action.closed).length;
      expect(pending()).toBe(0);
      messages.next(hello);
      expect(pending()).toBe(1);
      bursts.next([ack(0, 0, 1)]);
      expect(pending()).toBe(0);
      messages.next(hello);
      messages.next(hello);
      expect(pending()).toBe(1);
      subscription.unsubscribe();
      expect(pending()).toBe(0);
    });
  });

  test('splits a message into fragments that count down, and reassembles them', () => {
    const scheduler = testScheduler();
    scheduler.run(({ cold, expectObservable }) => {
      const sender = arq({ conv: 1, scheduler, mtu: 50 });
      const receiver = arq({ conv: 1, scheduler, mtu: 50 });
      const message = Uint8Array.from({ length: 60 }, (_, i) => i);
      const sent = new Subject<Burst>();
      expectObservable(sent.pipe(full), '50ms !').toBe('p', {
        p: [2, 1, 0].map((frg, sn) => `PUSH sn=${sn} frg=${frg} una=0 wnd=128 ts=0 len=${[26, 26, 8][sn]}`).join(' | '),
      });
      expectObservable(sent.pipe(receiver.receive), '50ms !').toBe('m', { m: message });
      const writing = cold('a', { a: message }).pipe(sender.transmit).subscribe(sent);
      scheduler.schedule(() => writing.unsubscribe(), 50);
    });
  });

  test('sends a large window in bursts that follow each other at once, each segment once', () => {
    const sizes = (messages: readonly number[], isDelayed: boolean): number[] => {
      const scheduler = testScheduler();
      const bursts: Burst[] = [];
      scheduler.run(() => {
        const ends = arq({ conv: 1, scheduler, mtu: 50, sendWindow: 1000, writeDelay: isDelayed });
        const [written, packets] = [new Subject<Uint8Array>(), new Subject<Burst>()];
        written.pipe(ends.transmit).subscribe((burst) => bursts.push(burst));
        packets.pipe(ends.receive).subscribe();
        packets.next([ack(0, 0, 0, { wnd: 1000 })]);
        for (const segments of messages) written.next(new Uint8Array(segments * 26));
        ends.close();
      });
      const sns = bursts.flat().map((one) => one[12]! | (one[13]! << 8));
      expect(sns).toEqual(sns.map((_, index) => index));
      return bursts.map(({ length }) => length);
    };
    expect(sizes([100, 100, 100], false)).toEqual([100, 100, 100]);
    expect(sizes([250, 255], false)).toEqual([128, 122, 128, 127]);
    expect(sizes([250, 255], true)).toEqual([128, 128, 128, 121]);
  });

  test('fails with MessageTooLargeError when a message needs more than 255 fragments', () => {
    const { transmit } = arq({ conv: 1, mtu: 50 });
    const limit = 255 * 26;
    const seen: unknown[] = [];
    const messages = new Subject<Uint8Array>();
    messages.pipe(transmit).subscribe({ next: (burst) => seen.push(burst.length), error: (error) => seen.push(error) });
    messages.next(new Uint8Array(limit + 1));
    expect(seen).toEqual([new MessageTooLargeError(limit + 1, limit)]);
    const other = arq({ conv: 1, mtu: 50 });
    const sent: number[] = [];
    const subscription = NEVER.pipe(
      (source) =>
        new Observable<Uint8Array>((subscriber) => {
          subscriber.next(new Uint8Array(limit));
          return source.subscribe(subscriber);
        }),
      other.transmit,
    ).subscribe((burst) => sent.push(burst.length));
    expect(sent).toEqual([32]);
    subscription.unsubscribe();
  });

  test('fails with SendQueueFullError when more waits than the caps allow', () => {
    const scheduler = testScheduler();
    const bytes = arq({ conv: 1, scheduler, sendWindow: 1, sendQueueBytes: 10 });
    const messages = new Subject<Uint8Array>();
    let failure: unknown;
    messages.pipe(bytes.transmit).subscribe({
      error: (error) => {
        failure = error;
      },
    });
    for (let i = 0; i < 3; i++) messages.next(hello);
    expect(failure).toBeUndefined();
    messages.next(hello);
    expect(failure).toEqual(new SendQueueFullError('sendQueueBytes', 10));
    const segments = arq({ conv: 1, scheduler, sendWindow: 1, sendQueueSegments: 2 });
    const more = new Subject<Uint8Array>();
    more.pipe(segments.transmit).subscribe({
      error: (error) => {
        failure = error;
      },
    });
    for (let i = 0; i < 3; i++) more.next(hello);
    expect(failure).toEqual(new SendQueueFullError('sendQueueBytes', 10));
    more.next(hello);
    expect(failure).toEqual(new SendQueueFullError('sendQueueSegments', 2));
  });

  test('copies what it is given: the caller may reuse its buffer at once', () => {
    const scheduler = testScheduler();
    const { transmit } = arq({ conv: 1, scheduler, sendWindow: 1 });
    const messages = new Subject<Uint8Array>();
    const sent: Uint8Array[] = [];
    messages.pipe(transmit).subscribe((burst) => sent.push(...burst));
    const buffer = text('first');
    messages.next(buffer);
    buffer.set(text('XXXXX'));
    expect(words((sent[0] as Uint8Array).subarray(24))).toBe('first');
  });
});

describe('receive', () => {
  test('drops and counts what is no packet of its conversation', () => {
    const endpoint = arq({ conv: 1 });
    const bursts = new Subject<Burst>();
    const messages: string[] = [];
    bursts.pipe(endpoint.receive, map(words)).subscribe((message) => messages.push(message));
    bursts.next([
      new Uint8Array(0),
      new Uint8Array(23),
      push(0, 'foreign', { conv: 2 }),
      packet({ cmd: 80, data: 'x' }),
    ]);
    bursts.next([push(0, 'cut').subarray(0, 26), push(0, 'good')]);
    expect(messages).toEqual(['good']);
    expect(endpoint.snmp().KCPInErrors).toBe(5);
  });

  test('lets go of all when its source fails or completes', () => {
    const failing = arq({ conv: 1 });
    const failure = new Error('link down');
    const seen: unknown[] = [];
    const bursts = new Subject<Burst>();
    NEVER.pipe(failing.transmit).subscribe({ error: (error) => seen.push(error) });
    bursts.pipe(failing.receive).subscribe({ error: (error) => seen.push(error) });
    bursts.error(failure);
    expect(seen).toEqual([failure, failure]);
  });
});

describe('a stream', () => {
  /** Lengths of what is delivered of segments of `bytes` bytes each that came while nobody read. */
  const deliveries = (segments: number, bytes: number, isTraced: boolean): number[] => {
    const end = arq({ conv: 1, stream: true });
    const bursts = new Subject<Burst>();
    const lengths: number[] = [];
    const read: Uint8Array[] = [];
    bursts.pipe(end.receive).subscribe((chunk) => {
      lengths.push(chunk.length);
      read.push(chunk);
    });
    if (isTraced) end.trace$('recv').subscribe();
    end.pause();
    for (let sn = 0; sn < segments; sn++) bursts.next([push(sn, new Uint8Array(bytes).fill(sn))]);
    end.resume();
    const sent = Array.from({ length: segments }, (_, sn) => new Uint8Array(bytes).fill(sn));
    expect(Buffer.concat(read).equals(Buffer.concat(sent))).toBe(true);
    end.close();
    return lengths;
  };

  test('is delivered in pieces of 64 KiB at most, each of all whole segments that wait and fit', () => {
    expect(deliveries(3, 1000, false)).toEqual([3000]);
    expect(deliveries(70, 1000, false)).toEqual([65_000, 5000]);
    expect(deliveries(65, 1024, false)).toEqual([65_536, 1024]);
  });

  test('is delivered segment by segment while that is traced', () => {
    expect(deliveries(3, 1000, true)).toEqual([1000, 1000, 1000]);
  });
});

describe('what is no burst', () => {
  const datagram = push(0, 'a');

  test.each<[string, unknown]>([
    ['a bare datagram', datagram],
    ['ArrayBuffers', [datagram.buffer]],
    ['numbers', [1, 2]],
  ])('ends the conversation with an error: %s', (_, wrong) => {
    const { receive, transmit } = arq({ conv: 1, scheduler: new VirtualScheduler() });
    const bursts = new Subject<Burst>();
    const errors: unknown[] = [];
    const error = (one: unknown): void => {
      errors.push(one);
    };
    NEVER.pipe(transmit).subscribe({ error });
    bursts.pipe(receive).subscribe({ error });
    bursts.next(wrong as Burst);
    expect(errors).toEqual([expect.any(InvalidBurstError), expect.any(InvalidBurstError)]);
    expect(bursts.observed).toBe(false);
  });
});

describe('a packet that FEC has rebuilt', () => {
  const rebuilt = (packet: Uint8Array): Uint8Array => new RecoveredPacket(packet);

  test('brings data and acks like any other', () => {
    const { receive, transmit } = arq({ conv: 1 });
    const bursts = new Subject<Burst>();
    const messages: string[] = [];
    of(text('x')).pipe(concatWith(NEVER), transmit).subscribe();
    const constructors: unknown[] = [];
    bursts
      .pipe(
        receive,
        tap((message) => constructors.push(message.constructor)),
        map(words),
      )
      .subscribe((word) => messages.push(word));
    bursts.next([rebuilt(packet({ cmd: 82, sn: 0, una: 1 }, { cmd: 81, sn: 0, data: 'a' }))]);
    expect(messages).toEqual(['a']);
    expect(constructors).toEqual([Uint8Array]);
  });

  test('does not count as repeated', () => {
    const repeated = [rebuilt, (packet: Uint8Array) => packet].map((made) => {
      const end = arq({ conv: 1 });
      const bursts = new Subject<Burst>();
      bursts.pipe(end.receive).subscribe();
      bursts.next([made(push(0, 'a')), made(push(0, 'a'))]);
      const { RepeatSegs } = end.snmp();
      end.close();
      return RepeatSegs;
    });
    expect(repeated).toEqual([0, 1]);
  });
});

test('arq refuses options that are out of range, naming option, value and range', () => {
  const attempts = [
    [{ conv: -1 }, 'option conv must be an integer from 0 to 4294967295, got -1'],
    [{ mtu: 1473 }, 'option mtu must be an integer from 50 to 1472, got 1473'],
    [{ sendWindow: 0 }, 'option sendWindow must be an integer from 1 to 65535, got 0'],
    [{ receiveWindow: 65_536 }, 'option receiveWindow must be an integer from 1 to 65535, got 65536'],
    [{ deadLink: 1.5 }, 'option deadLink must be an integer from 0 to 1000, got 1.5'],
    [{ deadLink: 1 }, 'option deadLink must be 0, or an integer from 2 to 1000, got 1'],
    [{ deadAfter: -1 }, 'option deadAfter must be an integer from 0 to 86400000, got -1'],
    [{ stream: 1 }, 'option stream must be true or false, got 1'],
    [
      { mode: 'faster' },
      'option mode must be one of normal, fast, fast2, fast3, bulk, or { nodelay, interval, resend, nc }, got "faster"',
    ],
    [
      { mode: { nodelay: true, interval: 5, resend: 2, nc: true } },
      'option mode.interval must be an integer from 10 to 5000, got 5',
    ],
    [{ scheduler: {} }, 'option scheduler must be an RxJS scheduler with now() and schedule(), got Object'],
    [{ random: 7 }, 'option random must be a function, got 7'],
    [null, 'option options must be an object, got null'],
  ] as const;
  for (const [options, message] of attempts) {
    const attempt = (): unknown => arq(options as never);
    expect(attempt).toThrow(OptionError);
    expect(attempt).toThrow(message);
  }
});

test('unknown options are refused by name, with the one that is most like it', () => {
  for (const [options, message] of [
    [{ snedWindow: 4 }, 'there is no option snedWindow here; did you mean sendWindow?'],
    [{ headroom: 8 }, 'there is no option headroom here'],
    [{ cipher: undefined, modee: 'fast' }, 'there is no option modee here; did you mean mode?'],
    [{ sendsInOrder: 1 }, 'option sendsInOrder must be true or false, got 1'],
  ] as const) {
    expect(() => arq(options as never)).toThrow(OptionError);
    expect(() => arq(options as never)).toThrow(message);
  }
});

test('headroom is in front of every packet for whoever asks when subscribing, and counts in nothing', () => {
  /** Bytes in front of each packet that belong to no other: to the start of the buffer, or to the end of the packet before. */
  const transmission = (subscribing: <T>(subscribe: () => T) => T) => {
    const endpoint = arq({ conv: 1, stream: true, mode: 'fast3' });
    const traced: number[] = [];
    endpoint.trace$('output').subscribe(({ datalen }) => traced.push(datalen));
    const packets: Uint8Array[] = [];
    const source = of(new Uint8Array(2000)).pipe(concatWith(NEVER), endpoint.transmit);
    subscribing(() => source.subscribe((burst) => packets.push(...burst)));
    expect(packets.map(({ length }) => length)).toEqual([1400, 24 + 2000 - 1376]);
    expect(endpoint.snmp().OutBytes).toBe(2000 + 2 * 24);
    expect(traced).toEqual([2000 + 2 * 24]);
    expect(endpoint.stats().inFlight).toBe(2);
    const [first, second] = packets as [Uint8Array, Uint8Array];
    expect(second.buffer).toBe(first.buffer);
    return second.byteOffset - first.byteOffset - first.length;
  };
  expect(transmission((subscribe) => subscribe())).toBe(0);
  expect(transmission(askForHeadroom)).toBe(8);
});

test('each operator of an arq can be subscribed to once', () => {
  const { receive, transmit } = arq({ conv: 1 });
  const failures: unknown[] = [];
  const note = { error: (error: unknown) => failures.push(error) };
  NEVER.pipe(receive).subscribe(note);
  NEVER.pipe(transmit).subscribe(note);
  expect(failures).toEqual([]);
  NEVER.pipe(receive).subscribe(note);
  NEVER.pipe(transmit).subscribe(note);
  expect(failures).toEqual([new AlreadySubscribedError('receive'), new AlreadySubscribedError('transmit')]);
});
