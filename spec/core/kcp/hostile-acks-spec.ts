// What acks can make this end believe: nothing that its own transmissions do not bear out.

import { expect, test } from 'vitest';
import { ControlBlock } from '../../../src/core/kcp/control-block.ts';
import { SN_OFFSET, TS_OFFSET } from '../../../src/core/kcp/segment.ts';
import { Counters } from '../../../src/counters/counters.ts';
import { ack, packet, push, text, wins } from '../../support/marbles.ts';

const OPTIONS = {
  conv: 1,
  now: 0,
  nodelay: true,
  interval: 10,
  resend: 2,
  sendWindow: 128,
  receiveWindow: 128,
  mtu: 1400,
  stream: false,
  ackNoDelay: false,
  idleTimeout: 0,
};
const ACK = 82;

function block(changes: Partial<typeof OPTIONS> = {}): ControlBlock {
  return new ControlBlock({ ...OPTIONS, ...changes, counters: new Counters() });
}

/** Sends `messages` messages, each a packet of its own, at `now`. */
function sendAt(end: ControlBlock, now: number, messages = 1): void {
  for (let i = 0; i < messages; i++) end.send(new Uint8Array(1376), now);
  end.flush(now, true);
  end.takeBurst();
}

test('an ack that is replayed changes no timeout', () => {
  const end = block();
  sendAt(end, 0);
  const first = ack(0, 0, 1);
  end.input(first, 20);
  for (let now = 1000; now < 40_000; now += 1000) {
    const { rto } = end.rtt;
    sendAt(end, now);
    for (let i = 0; i < 10; i++) end.input(first, now + 10);
    expect(end.rtt.rto).toBe(rto);
    end.input(ack(now / 1000, now, now / 1000 + 1), now + 20);
  }
  expect(end.rtt.srtt).toBe(20);
});

test('an ack of a moment at which its segment was not sent acknowledges, and measures nothing', () => {
  const end = block();
  sendAt(end, 5000);
  expect(end.input(ack(0, 4000, 0), 5020)).toBe(true);
  expect(end.sending.oldest).toBeUndefined();
  expect(end.rtt.isSampled).toBe(false);
});

test('an ack of the timestamp of another segment measures nothing', () => {
  const end = block();
  sendAt(end, 0);
  sendAt(end, 100);
  end.input(ack(1, 0, 0), 120);
  expect(end.rtt.isSampled).toBe(false);
  end.input(ack(0, 0, 2), 130);
  expect(end.rtt.srtt).toBe(130);
});

test.each([
  ['the first', 0, 600],
  ['the second', 200, 400],
  ['the last', 500, 100],
])('an ack of %s transmission of a segment measures it', (_, ts, rtt) => {
  const end = block();
  sendAt(end, 0);
  for (const at of [200, 500]) {
    end.tick(at);
    expect(end.takeBurst().length).toBe(1);
  }
  end.input(ack(0, ts, 1), 600);
  expect(end.rtt.srtt).toBe(rtt);
});

test('an ack measures although the una of the same packet passes its segment first', () => {
  const end = block();
  sendAt(end, 0, 3);
  end.input(packet({ cmd: ACK, sn: 0, ts: 0, una: 3 }, { cmd: ACK, sn: 2, ts: 0, una: 3 }), 40);
  expect(end.rtt.srtt).toBe(40);
});

test('an ack that comes after its segment was passed measures nothing', () => {
  const end = block();
  sendAt(end, 0);
  end.input(wins(128, { una: 1 }), 20);
  end.input(ack(0, 0, 1), 4000);
  expect(end.rtt.isSampled).toBe(false);
});

test('a place in the ring that is used again says nothing of the segment before', () => {
  const end = block();
  for (let sn = 0; sn < 20; sn++) {
    sendAt(end, sn * 100);
    end.input(ack(sn, sn * 100, sn + 1), sn * 100 + 10);
  }
  end.send(text('not yet sent'), 2000);
  end.input(ack(20, 1900, 20), 3000);
  end.input(ack(20, 1200, 20), 3000);
  expect(end.rtt.srtt).toBe(10);
});

test('a packet that was overtaken closes no window, and opens none', () => {
  const end = block();
  sendAt(end, 0, 2);
  end.input(wins(128, { una: 2 }), 20);
  end.input(wins(0, { una: 1 }), 30);
  expect(end.remoteWindow).toBe(128);
  end.input(wins(0, { una: 2 }), 40);
  expect(end.remoteWindow).toBe(0);
  end.input(wins(500, { una: 0 }), 50);
  expect(end.remoteWindow).toBe(0);
});

test('many acks in one packet count as they would in packets of their own', () => {
  const all = block({ sendWindow: 500 });
  const each = block({ sendWindow: 500 });
  for (const end of [all, each]) {
    end.input(wins(500), 0);
    sendAt(end, 0, 200);
  }
  const sns = [150, 60, 199, 60, 7, 180, 120];
  all.input(packet(...sns.map((sn) => ({ cmd: ACK, sn, ts: 0 }))), 20);
  for (const sn of sns) each.input(ack(sn, 0, 0), 20);
  const sent = [all, each].map((end) => {
    end.flush(20, true);
    return end.takeBurst().map((bytes) => new DataView(bytes.buffer, bytes.byteOffset).getInt32(SN_OFFSET, true));
  });
  expect(sent[0]).toEqual(sent[1]);
  expect(sent[0]?.length).toBe(194);
});

test('58 acks of times before anything was sent take little more time than one, however much is in flight', () => {
  const inFlight = 40_000;
  /** ms for a packet of so many acks, at least. */
  const take = (acks: number): number => {
    const times = Array.from({ length: 5 }, () => {
      const end = block({ sendWindow: inFlight });
      end.input(wins(65_535), 100);
      for (let i = 0; i < inFlight; i++) end.send(new Uint8Array(1), 100);
      end.flush(100, true);
      end.takeBurst();
      const old = packet(...Array.from({ length: acks }, (_, i) => ({ cmd: ACK, sn: inFlight - 1 - i, ts: -50_000 })));
      const begun = performance.now();
      end.input(old, 110);
      return performance.now() - begun;
    });
    return Math.min(...times);
  };
  // Each against each were 58 times as much.
  expect(take(58) / take(1)).toBeLessThan(15);
});

test('data below the window is acknowledged with its timestamp, and is no news of the peer’s clock', () => {
  const end = block();
  end.input(push(0, 'new', { ts: 77 }), 0);
  // A challenge looks like this: its timestamp is no time.
  end.input(push(-1, '', { ts: 0x5eed }), 10);
  end.flush(20, true);
  const [answer] = end.takeBurst() as [Uint8Array];
  const view = new DataView(answer.buffer, answer.byteOffset, answer.length);
  expect(view.getInt32(answer.length - 24 + SN_OFFSET, true)).toBe(-1);
  expect(view.getInt32(answer.length - 24 + TS_OFFSET, true)).toBe(0x5eed);
});
