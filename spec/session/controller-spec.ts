// The option `controller`: what it takes, what it does to a session, and what becomes of one whose controller is wrong.

import { Subject } from 'rxjs';
import {
  type Acked,
  type Controller,
  type ControllerFactory,
  connect,
  controlling,
  cubic,
  kcpWindow,
  type Lost,
  listen,
  memoryPair,
  model,
  type PeerBurst,
  type SessionOptions,
} from 'rxkcp';
import { type PairOptions, pair, VirtualScheduler } from 'rxkcp/testing';
import { describe, expect, test } from 'vitest';
import { packet } from '../support/marbles.ts';

const LINE: PairOptions['network'] = { delay: 25, rate: { bytesPerSecond: 1_250_000, queueBytes: 62_500 } };

/** Sends 2 MB over 10 Mbit/s, and returns both ends once it has arrived, or a minute is over. */
function transfer(options: SessionOptions, network: PairOptions['network'] = LINE) {
  const ends = pair({
    seed: 3,
    keep: 0,
    network,
    options: { mode: 'fast3', stream: true, sendWindow: 2048, receiveWindow: 2048, ...options },
  });
  for (let i = 0; i < 200; i++) ends.left.send(new Uint8Array(10_000).fill(i));
  ends.run(60_000);
  return ends;
}

/** A window and a rate that never change. */
function fixed(window: number, pacingRate = Infinity): Controller & { readonly told: string[] } {
  const told: string[] = [];
  return {
    window,
    pacingRate,
    told,
    onSent: () => told.push('sent'),
    onAcked: () => told.push('acked'),
    onLost: () => told.push('lost'),
  };
}

describe('kinds', () => {
  test.each(['none', 'kcp', 'cubic', 'model', false, cubic, model, controlling(cubic), kcpWindow] as const)(
    '%s delivers',
    (controller) => {
      const { left, right } = transfer({ controller });
      expect(right.outstandingBytes).toBe(0);
      expect(left.session.closed).toBe(false);
    },
  );

  test('model sends hardly anything twice where a whole window at once loses most', () => {
    const again = (controller: 'none' | 'model'): number => {
      const { segmentsSent, retransmissions } = transfer({ controller }).left.session.stats();
      return (retransmissions.fast + retransmissions.early + retransmissions.timeout) / segmentsSent;
    };
    expect(again('none')).toBeGreaterThan(0.2);
    expect(again('model')).toBeLessThan(0.03);
  });

  test('a mode says which: nc of false is kcp-go’s window; the option decides over it', () => {
    const mode = { nodelay: true, interval: 10, resend: 2, nc: false };
    expect(transfer({ mode }).left.session.stats().cwnd).toBeGreaterThan(0);
    expect(transfer({ mode, controller: 'none' }).left.session.stats().cwnd).toBe(0);
  });

  test('bulk is model with a window of its own making', () => {
    const { left } = transfer({ mode: 'bulk', sendWindow: undefined });
    const { sendWindow, cwnd, pacingRate } = left.session.stats();
    expect(sendWindow).toBe(Math.max(2 * cwnd, 32));
    expect(pacingRate).toBeGreaterThan(100_000);
  });
});

describe('a controller of the user’s', () => {
  test('says how much may be on its way', () => {
    const controller = fixed(7_000);
    const { right, left } = transfer({ controller: () => controller });
    expect(right.outstandingBytes).toBe(0);
    expect(controller.told).toContain('acked');
    expect(left.session.stats().cwnd).toBe(5);
  });

  test('and how fast it leaves, on a clock between whole ms, too', () => {
    const rate = 1_000_000;
    const ends = pair({
      seed: 1,
      keep: 0,
      network: { delay: 10.3 },
      options: {
        mode: 'fast3',
        stream: true,
        sendWindow: 2048,
        receiveWindow: 2048,
        controller: () => fixed(1e6, rate),
      },
    });
    for (let i = 0; i < 800; i++) ends.left.send(new Uint8Array(10_000));
    ends.run(1000);
    const before = ends.left.session.stats().wireBytesSent;
    ends.run(6000);
    expect((ends.left.session.stats().wireBytesSent - before) / 5 / rate).toBeCloseTo(1, 1);
  });

  test('is told of round trips, rates and losses as they were', () => {
    const samples: Acked[] = [];
    const losses: Lost[] = [];
    const watching: ControllerFactory = () => ({
      ...fixed(200_000, 1_000_000),
      onAcked: (acked) => samples.push(acked),
      onLost: (lost) => losses.push(lost),
    });
    transfer({ controller: watching }, { delay: 25, loss: 0.01 });
    const rtts = samples.flatMap(({ rtt }) => rtt ?? []);
    expect(Math.min(...rtts)).toBeGreaterThanOrEqual(50);
    expect(Math.min(...rtts)).toBeLessThan(52);
    const rates = samples.filter(({ isAppLimited }) => !isAppLimited).flatMap(({ rate }) => rate ?? []);
    expect(Math.max(...rates)).toBeLessThan(1_250_000);
    expect(losses.length).toBeGreaterThan(5);
    expect(samples.at(-1)?.inFlight).toBe(0);
  });

  test.each([
    ['a word that is none', 'bbr', 'one of none, kcp, cubic, model, a Controller'],
    ['a number', 7, 'one of none'],
    ['an object that is no controller', { window: 5 }, 'a function that makes one for each session'],
  ])('%s is an OptionError that says what there is', (_, controller, range) => {
    expect(() => connect({ port: 1, controller: controller as never })).toThrow(
      expect.objectContaining({ code: 'ERR_OPTION', option: 'controller', message: expect.stringContaining(range) }),
    );
  });

  test('one object serves one session: the second is told to have a function', () => {
    const controller = fixed(10_000);
    const errors: unknown[] = [];
    for (const link of memoryPair()) {
      connect({ link, controller }).subscribe({ error: (error) => errors.push(error) });
    }
    expect(errors).toEqual([
      expect.objectContaining({ option: 'controller', message: expect.stringContaining('one session only') }),
    ]);
  });

  test.each([
    ['a window of NaN', fixed(Number.NaN), 'controller.window'],
    ['a rate of 0', fixed(1e6, 0), 'controller.pacingRate'],
  ])('one with %s makes no session', (_, controller, option) => {
    const errors: unknown[] = [];
    connect({ link: memoryPair()[0], controller: () => controller }).subscribe({
      error: (error) => errors.push(error),
    });
    expect(errors).toEqual([expect.objectContaining({ code: 'ERR_OPTION', option })]);
  });

  test.each(['onAcked', 'onLost', 'onSent'] as const)(
    'one that throws in %s ends its session with that error, and nothing else',
    (method) => {
      const controller = (): Controller => ({
        ...fixed(1e6),
        [method]: () => {
          throw new Error('mine');
        },
      });
      const errors: unknown[] = [];
      const ends = pair({ seed: 1, network: { delay: 5, loss: 0.2 }, left: { controller } });
      ends.left.session.closed$.subscribe(({ error }) => errors.push(error));
      for (let i = 0; i < 50; i++) ends.left.send(new Uint8Array(5_000));
      ends.run(5_000);
      expect(errors).toEqual([expect.objectContaining({ message: 'mine' })]);
    },
  );

  test('and so does one whose window becomes none under way', () => {
    let window = 1e6;
    const controller = (): Controller => ({
      pacingRate: Infinity,
      get window() {
        return window;
      },
      onAcked: () => {
        window = Number.NaN;
      },
      onLost: () => {},
    });
    const errors: unknown[] = [];
    const ends = pair({ seed: 1, network: { delay: 5 }, left: { controller } });
    ends.left.session.closed$.subscribe(({ error }) => errors.push(error));
    ends.left.send(new Uint8Array(5_000));
    ends.run(5_000);
    expect(errors).toEqual([expect.objectContaining({ option: 'controller.window' })]);
  });
});

describe('sendWindow: auto', () => {
  test.each([{}, { controller: 'none' }, { controller: 'kcp' }] as const)(
    'needs a controller that can say (%o)',
    (options) => {
      const errors: unknown[] = [];
      connect({ link: memoryPair()[0], sendWindow: 'auto', ...options }).subscribe({
        error: (error) => errors.push(error),
      });
      expect(errors).toEqual([
        expect.objectContaining({ option: 'sendWindow', message: expect.stringContaining("'auto' with a controller") }),
      ]);
    },
  );

  test('holds a writer back by what the path takes', async () => {
    const { left } = transfer({ sendWindow: 'auto', controller: 'model' });
    expect(left.session.stats().sendWindow).toBeLessThan(400);
  });
});

test('a send window that is set while a controller sizes it stays', () => {
  const ends = transfer({ mode: 'bulk', sendWindow: undefined });
  ends.left.session.configure({ sendWindow: 7 });
  for (let i = 0; i < 20; i++) ends.left.send(new Uint8Array(10_000));
  ends.run(120_000);
  expect(ends.left.session.stats().sendWindow).toBe(7);
  expect(ends.right.outstandingBytes).toBe(0);
});

test('a server in mode bulk sends no more to an address that is not proven than any other', () => {
  const sentTo = (options: SessionOptions): number => {
    const scheduler = new VirtualScheduler();
    const incoming = new Subject<PeerBurst>();
    let bytes = 0;
    const outgoing = {
      next: ({ burst }: PeerBurst) => {
        for (const { length } of burst) bytes += length;
      },
    };
    const local = { address: '10.0.0.2', port: 9 };
    listen({ link: { incoming, outgoing, local }, scheduler, stream: true, ...options }).subscribe((session) => {
      session.subscribe();
      for (let i = 0; i < 50; i++) session.next(new Uint8Array(10_000));
    });
    const opener = packet({ sn: 0, data: 'x'.repeat(1000) });
    incoming.next({ peer: { address: '10.0.0.1', port: 9 }, burst: [opener] });
    scheduler.run(20_000);
    return bytes;
  };
  const usual = sentTo({ mode: 'fast3' });
  expect(usual).toBeGreaterThan(0);
  expect(sentTo({ mode: 'bulk' })).toBeLessThanOrEqual(usual);
});

test('configure changes the controller of a session that runs, and a mode does', () => {
  const { left } = pair({ options: { controller: 'model' } });
  left.session.configure({ controller: 'cubic' });
  expect(left.session.stats().cwnd).toBe(10);
  left.session.configure({ mode: 'fast2' });
  expect(left.session.stats()).toMatchObject({ cwnd: 0, pacingRate: undefined });
});
