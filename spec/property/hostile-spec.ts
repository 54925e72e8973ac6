// Whatever comes out of the network: nothing throws, and nothing grows beyond the caps.

import fc from 'fast-check';
import { Subject } from 'rxjs';
import { listen, type PeerBurst } from 'rxkcp';
import { describe, expect, test } from 'vitest';
import { kcpWindow } from '../../src/core/congestion/kcp-window.ts';
import { ControlBlock } from '../../src/core/kcp/control-block.ts';
import { Counters } from '../../src/counters/counters.ts';
import { packet, type SegmentFields, text } from '../support/marbles.ts';

const WINDOW = 16;
const FRAGMENTS = 256;
/** Four seconds before the clock wraps. */
const START = 0xffff_f000;

function makeBlock(): ControlBlock {
  return new ControlBlock({
    conv: 1,
    now: START,
    counters: new Counters(),
    nodelay: true,
    interval: 10,
    resend: 2,
    controller: kcpWindow,
    sendWindow: WINDOW,
    receiveWindow: WINDOW,
    mtu: 1400,
    stream: false,
    ackNoDelay: false,
    deadLink: 20,
    idleTimeout: 5000,
  });
}

/** A number that is often near an edge. */
const u32 = fc.oneof(
  fc.nat({ max: 2 * WINDOW }),
  fc.nat({ max: 0xffff_ffff }),
  fc.constantFrom(0x7fff_ffff, 0xffff_fff0),
);

/** A segment that is right in form and wrong in content. */
const segment: fc.Arbitrary<SegmentFields> = fc.record({
  conv: fc.constantFrom(1, 1, 1, 1, 2),
  cmd: fc.constantFrom(81, 81, 81, 82, 82, 83, 84, 80),
  frg: fc.oneof(fc.constant(0), fc.nat({ max: 255 })),
  wnd: fc.nat({ max: 0xffff }),
  ts: u32,
  sn: u32,
  una: u32,
  data: fc.uint8Array({ maxLength: 100 }),
});

/** A packet of such segments, perhaps cut off, perhaps with one byte changed. */
const forged = fc
  .tuple(fc.array(segment, { maxLength: 6 }), fc.nat(), fc.nat(), fc.nat({ max: 255 }), fc.integer({ min: 0, max: 3 }))
  .map(([segments, place, length, byte, harm]) => {
    const bytes = packet(...segments);
    if (harm === 1 && bytes.length > 0) bytes[place % bytes.length] = byte;
    return harm === 2 ? bytes.subarray(0, length % (bytes.length + 1)) : bytes;
  });

const step = fc.oneof(
  fc.record({ do: fc.constant('input' as const), packet: fc.oneof(forged, fc.uint8Array({ maxLength: 200 })) }),
  fc.record({ do: fc.constant('send' as const), length: fc.integer({ min: 1, max: 5000 }) }),
  fc.record({ do: fc.constant('read' as const) }),
  fc.record({ do: fc.constant('wait' as const), ms: fc.integer({ min: 0, max: 10_000 }) }),
);

describe('a control block fed by an enemy', () => {
  test('throws nothing, keeps its caps, and always knows when it is due', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), fc.boolean(), (steps, regular) => {
        const block = makeBlock();
        let now = START;
        for (const action of steps) {
          if (action.do === 'input') {
            block.input(action.packet, now, regular);
            block.flushAfterInput(now);
          } else if (action.do === 'send') {
            if (block.canSend) block.send(new Uint8Array(action.length), now);
          } else if (action.do === 'read') {
            block.read(now);
          } else {
            now += action.ms;
            if (block.nextTimeout(now) === 0) block.tick(now);
          }
          const { sending, receiving } = block;
          // The last message to come in may have as many fragments as there can be.
          expect(receiving.unread).toBeLessThan(WINDOW + FRAGMENTS);
          expect(receiving.early).toBeLessThanOrEqual(WINDOW);
          expect(sending.inFlight).toBeLessThanOrEqual(WINDOW);
          expect(sending.inFlight + sending.queued).toBe(sending.length);
          expect(sending.unsentBytes).toBeGreaterThanOrEqual(0);
          if (sending.length === 0) expect(sending.unsentBytes).toBe(0);
          for (const sent of block.takeBurst()) expect(sent.length).toBeLessThanOrEqual(1400);
          // What is due now is done by one tick: no timer spins.
          if (block.state === 'open' && block.nextTimeout(now) === 0) block.tick(now);
          if (block.state === 'open') expect(block.nextTimeout(now)).not.toBe(0);
          block.takeBurst();
        }
      }),
      { numRuns: 1500 },
    );
  });

  test('cuts a message that never ends, and closes the window on it', () => {
    const block = makeBlock();
    for (let sn = 0; sn < 1000; sn++) {
      block.input(packet({ sn, frg: 200, data: 'x' }), sn);
      block.flushAfterInput(sn);
      block.takeBurst();
    }
    const { nxt, early, unread } = block.receiving;
    expect(nxt + early).toBeLessThanOrEqual(WINDOW + FRAGMENTS);
    expect(unread).toBeGreaterThanOrEqual(WINDOW);
    expect(block.read(1000)?.length).toBe(FRAGMENTS);
  });
});

test('a server fed by an enemy throws nothing and makes no more sessions than it may', () => {
  const peer = fc.record({ address: fc.constantFrom('a', 'b', 'c', 'd'), port: fc.constantFrom(1, 2) });
  const burst = fc.array(fc.oneof(forged, fc.uint8Array({ maxLength: 60 })), { maxLength: 4 });
  fc.assert(
    fc.property(fc.array(fc.record({ peer, burst }), { maxLength: 40 }), (bursts) => {
      const incoming = new Subject<PeerBurst>();
      const link = { local: { address: '', port: 0 }, incoming, outgoing: { next: () => {} } };
      let live = 0;
      let failure: unknown;
      const subscription = listen({ link, maxSessions: 3, backlog: 2 }).subscribe({
        next: (session) => {
          live++;
          session.subscribe(session);
          session.closed$.subscribe(() => live--);
          session.next(text('welcome'));
        },
        error: (error) => {
          failure = error;
        },
      });
      for (const peerBurst of bursts) {
        incoming.next(peerBurst);
        expect(live).toBeLessThanOrEqual(3);
      }
      subscription.unsubscribe();
      expect(live).toBe(0);
      expect(failure).toBeUndefined();
    }),
    { numRuns: 500 },
  );
});
