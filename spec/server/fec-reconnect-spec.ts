// A client that dials again at once from the same address, over a network without a fault: what the server still has in flight for the conversation
// before reaches the decoder of the new one, and has the seqids that the new stream has a little later.

import { filter, map } from 'rxjs';
import { type Burst, connect, type FecShape, type Link, listen, memoryNetwork, type Session } from 'rxkcp';
import { VirtualScheduler } from 'rxkcp/testing';
import { describe, expect, test } from 'vitest';
import { convOf, isParity } from '../../src/core/conversation.ts';

const DELAY = 30;

/** Bytes that say whose they are, in a message as long as a datagram holds. */
function messageOf(conv: number, n: number): Uint8Array {
  const message = new Uint8Array(1368).fill(Math.imul(n + 1, 40_503) + conv);
  new DataView(message.buffer).setUint32(0, conv);
  new DataView(message.buffer).setUint32(4, n);
  return message;
}

/** Messages that were delivered in the second conversation, and the first that is not what was sent in it. */
function redial(fec: FecShape, at: number, gap: number, parityOnly: boolean): { delivered: number; wrong?: string } {
  const clock = new VirtualScheduler();
  const net = memoryNetwork();
  const delayed = (deliver: (burst: Burst) => void): { next: (burst: Burst) => void } => ({
    next: (burst) => {
      const copies = burst.map((datagram) => Uint8Array.from(datagram));
      clock.schedule(() => deliver(copies), DELAY);
    },
  });
  const hub = {
    ...net.hub,
    outgoing: {
      next: ({ peer, burst }: { peer: { address: string; port: number }; burst: Burst }) =>
        delayed((copies) => net.hub.outgoing.next({ peer, burst: copies })).next(burst),
    },
  };
  const options = { scheduler: clock, fec, mode: 'fast3' } as const;
  const put = (session: Session, n: number): void => {
    if (session.closed) return;
    session.next(messageOf(session.conv, n));
    clock.schedule(() => put(session, n + 1), gap);
  };
  const serving = listen({ link: hub, ...options }).subscribe((session) => {
    session.subscribe({ error: () => {} });
    put(session, 0);
  });
  let result: { delivered: number; wrong?: string } = { delivered: 0 };
  const dial = (conv: number): { unsubscribe: () => void } => {
    const own = net.link({ address: '10.0.0.1', port: 5 });
    // With `parityOnly` the stale data is filtered out, and stale parity is left.
    const isLeft = (one: Uint8Array): boolean => !parityOnly || isParity(one) || convOf(one) === conv;
    const incoming = own.incoming.pipe(
      map((burst) => burst.filter(isLeft)),
      filter((burst) => burst.length > 0),
    );
    const link: Link = { ...own, incoming, outgoing: delayed((burst) => own.outgoing.next(burst)) };
    return connect({ link, conv, ...options }).subscribe((session) => {
      result = { delivered: 0 };
      session.subscribe((message) => {
        const isRight = Buffer.compare(message, messageOf(conv, result.delivered)) === 0;
        if (!isRight) result.wrong ??= `message ${result.delivered} of conversation ${conv}, redialled at ${at} ms`;
        result.delivered++;
      });
      session.next(Uint8Array.of(1));
    });
  };
  let dialled = dial(1001);
  clock.schedule(() => {
    dialled.unsubscribe();
    dialled = dial(2002);
  }, at);
  clock.run(at + 2000);
  dialled.unsubscribe();
  serving.unsubscribe();
  return result;
}

describe('a conversation over the address of the one before', () => {
  test.each([
    [3, 1, false],
    [7, 1, false],
    [10, 3, false],
    [5, 2, false],
    [5, 2, true],
  ])('delivers its own messages, with groups of %i/%i', (data, parity, parityOnly) => {
    for (let at = 400; at < 500; at += 7) {
      const { delivered, wrong } = redial({ data, parity }, at, at % 2 === 0 ? 6 : 10, parityOnly);
      expect(wrong).toBeUndefined();
      expect(delivered).toBeGreaterThan(100);
    }
  });
});
