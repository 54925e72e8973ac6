import { map, NEVER, Observable, of, Subject } from 'rxjs';
import {
  AlreadySubscribedError,
  DeadLinkError,
  IdleTimeoutError,
  MessageTooLargeError,
  OptionError,
  SendQueueFullError,
} from 'rxkcp';
import { arq } from 'rxkcp/operators';
import { labeller } from 'rxkcp/testing';
import { describe, expect, test } from 'vitest';
import type { Burst } from '../../src/link/link.ts';
import { ack, packet, push, testScheduler, text, timedLabel, wask, wins, words } from '../support/marbles.ts';

const hello = text('hello');
/** Cmd and sn of each segment of a burst: what most of these tests are about. */
const brief = map((burst: Burst) => burst.map(labeller('sn')).join(' | '));
const full = map((burst: Burst) => burst.map(timedLabel).join(' | '));

describe('transmit', () => {
  test('sends at once, then again after one RTO and half an RTO more each time with nodelay', () => {
    const scheduler = testScheduler();
    scheduler.run(({ cold, expectObservable, expectSubscriptions }) => {
      const { transmit } = arq({ conv: 1, scheduler, mode: 'fast3' });
      const messages = cold('a', { a: hello });
      const unsubscribe = '1s !';
      expectObservable(messages.pipe(transmit, brief), unsubscribe).toBe('p 199ms p 299ms p 399ms p', {
        p: 'PUSH sn=0',
      });
      expectSubscriptions(messages.subscriptions).toBe('^ 999ms !');
    });
  });

  test('waits one whole RTO more each time without nodelay', () => {
    const scheduler = testScheduler();
    scheduler.run(({ cold, expectObservable }) => {
      const { transmit } = arq({ conv: 1, scheduler, mode: 'normal' });
      const sent = cold('a', { a: hello }).pipe(transmit, brief);
      expectObservable(sent, '1300ms !').toBe('p 199ms p 399ms p 599ms p', { p: 'PUSH sn=0' });
    });
  });

  test('fails with DeadLinkError at the last transmission allowed', () => {
    const scheduler = testScheduler();
    scheduler.run(({ cold, expectObservable }) => {
      const { transmit } = arq({ conv: 1, scheduler, mode: 'fast3', deadLink: 3 });
      const sent = cold('a', { a: hello }).pipe(transmit, brief);
      expectObservable(sent).toBe('p 199ms p 299ms (p#)', { p: 'PUSH sn=0' }, new DeadLinkError(1, 3));
    });
  });

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

  test('completes once all is acknowledged, and not before', () => {
    const scheduler = testScheduler();
    scheduler.run(({ hot, expectObservable }) => {
      const { transmit, receive } = arq({ conv: 1, scheduler, mode: 'fast3' });
      const acks = hot<Burst>('---- 50ms a', { a: [ack(0, 0, 1)] });
      expectObservable(acks.pipe(receive)).toBe('---- 50ms |');
      expectObservable(of(hello).pipe(transmit, brief)).toBe('p--- 50ms |', { p: 'PUSH sn=0' });
    });
  });

  test('repeats segment 0 beside new ones, where there is room, until it has heard from the peer', () => {
    const scheduler = testScheduler();
    scheduler.run(({ hot, expectObservable }) => {
      const { transmit, receive } = arq({ conv: 1, scheduler, mode: 'fast3' });
      const large = new Uint8Array(1376);
      const messages = hot('-a-a-l---a', { a: hello, l: large });
      hot<Burst>('-------w', { w: [wins(128)] })
        .pipe(receive)
        .subscribe();
      expectObservable(messages.pipe(transmit, brief), '20ms !').toBe('-a-b-c---d', {
        a: 'PUSH sn=0',
        b: 'PUSH sn=1, PUSH sn=0',
        c: 'PUSH sn=2',
        d: 'PUSH sn=3',
      });
    });
  });

  test('puts small messages into one packet with writeDelay, at the next flush', () => {
    const scheduler = testScheduler();
    scheduler.run(({ hot, expectObservable }) => {
      const { transmit } = arq({ conv: 1, scheduler, mode: 'fast3', writeDelay: true });
      const messages = hot('--a-b-c', { a: hello, b: hello, c: hello });
      const sent = messages.pipe(transmit, brief);
      expectObservable(sent, '20ms !').toBe('10ms p', { p: 'PUSH sn=0, PUSH sn=1, PUSH sn=2' });
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
  test('emits messages in order, each once, whatever order their packets come in', () => {
    const scheduler = testScheduler();
    scheduler.run(({ hot, expectObservable }) => {
      const { receive } = arq({ conv: 1, scheduler });
      const bursts = hot<Burst>('-c-a-a-b-c', { a: [push(0, 'a')], b: [push(1, 'b')], c: [push(2, 'c')] });
      expectObservable(bursts.pipe(receive, map(words)), '12ms !').toBe('---a---(bc)');
    });
  });

  test('acknowledges at the next flush, and at once with ackNoDelay', () => {
    // At once means before the reader has had the message: its window says so, on the reference too.
    for (const [ackNoDelay, marbles, wnd] of [
      [false, '10ms p', 128],
      [true, '---p', 127],
    ] as const) {
      const scheduler = testScheduler();
      scheduler.run(({ hot, expectObservable }) => {
        const { receive, transmit } = arq({ conv: 1, scheduler, mode: 'fast3', ackNoDelay });
        const bursts = hot<Burst>('---a', { a: [push(0, 'x', { ts: 77 })] });
        expectObservable(NEVER.pipe(transmit, full), '50ms !').toBe(marbles, {
          p: `ACK sn=0 frg=0 una=1 wnd=${wnd} ts=77 len=0`,
        });
        bursts.pipe(receive).subscribe();
      });
    }
  });

  test('closes the window while it is paused, answers probes, and tells when it opens again', () => {
    const scheduler = testScheduler();
    scheduler.run(({ hot, expectObservable }) => {
      const endpoint = arq({ conv: 1, scheduler, mode: 'fast3', receiveWindow: 2 });
      const bursts = hot<Burst>('a 99ms q', { a: [push(0, 'a'), push(1, 'b'), push(2, 'c')], q: [wask()] });
      endpoint.pause();
      expectObservable(NEVER.pipe(endpoint.transmit, full), '300ms !').toBe('10ms a 99ms w 99ms r', {
        a: 'ACK sn=2 frg=0 una=2 wnd=0 ts=0 len=0',
        w: 'WINS sn=0 frg=0 una=2 wnd=0 ts=0 len=0',
        r: 'WINS sn=0 frg=0 una=3 wnd=2 ts=0 len=0',
      });
      expectObservable(bursts.pipe(endpoint.receive, map(words)), '300ms !').toBe('205ms (abc)');
      scheduler.schedule(() => endpoint.resume(), 205);
    });
  });

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

  test('fails with IdleTimeoutError in time when the peer is not heard, and not while it answers', () => {
    const scheduler = testScheduler();
    scheduler.run(({ hot, expectObservable }) => {
      const { receive, transmit } = arq({ conv: 1, scheduler, mode: 'fast3', idleTimeout: 1200 });
      const answers = hot<Burst>('700ms w', { w: [wins(128)] });
      // Six probes in the second half of the timeout; the answer at 700 ms starts it anew.
      expectObservable(NEVER.pipe(transmit, brief)).toBe(
        `600ms w 699ms ${'w 99ms '.repeat(6)}#`,
        { w: 'WASK sn=0' },
        new IdleTimeoutError(1, 1200),
      );
      expectObservable(answers.pipe(receive)).toBe('1900ms #', {}, new IdleTimeoutError(1, 1200));
    });
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

test('arq refuses options that are out of range, naming option, value and range', () => {
  const attempts = [
    [{ conv: -1 }, 'option conv must be an integer from 0 to 4294967295, got -1'],
    [{ mtu: 1501 }, 'option mtu must be an integer from 50 to 1500, got 1501'],
    [{ sendWindow: 0 }, 'option sendWindow must be an integer from 1 to 65535, got 0'],
    [{ receiveWindow: 65_536 }, 'option receiveWindow must be an integer from 1 to 65535, got 65536'],
    [{ deadLink: 1.5 }, 'option deadLink must be an integer from 2 to 1000, got 1.5'],
    [{ stream: 1 }, 'option stream must be true or false, got 1'],
    [
      { mode: 'faster' },
      'option mode must be one of normal, fast, fast2, fast3, or { nodelay, interval, resend, nc }, got "faster"',
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
