// Forward error correction (FEC): packets travel in groups, each followed by parity that makes up for as many packets as it has itself.
// Here three packets of data make a group, and one of parity is added: any one of the four may be lost.

import { map, merge, type SchedulerLike } from 'rxjs';
import { type Arq, arq, type Burst, fecDecode, fecEncode } from 'rxkcp/operators';
import { describe, expect, test } from 'vitest';
import { FecEncoder } from '../../src/core/fec/encoder.ts';
import { type FecShape, seqidEnd } from '../../src/core/fec/shape.ts';
import { OutOfBand } from '../../src/session/out-of-band.ts';
import { encoded } from '../support/fec.ts';
import { ack, push, text, wins } from '../support/marbles.ts';
import { type End, timeline } from '../support/timeline.ts';

const shape = { data: 3, parity: 1 };
const END = seqidEnd(shape);
/** What the peer sends: a message a packet, `a` to `l`, in groups of three with their parity, `p` to `s`; 1 is the whole first group, 2 the second. */
function groups(firstSeqid = 0): Record<string, Uint8Array | Burst> {
  const source = [...'abcdefghijkl'].map((word, sn) => push(sn, word));
  const datagrams = encoded(source, shape, firstSeqid);
  const named = [...'abcpdefqghirjkls'].map((name, at) => [name, datagrams[at] as Uint8Array]);
  return { '1': datagrams.slice(0, 4), '2': datagrams.slice(4, 8), ...Object.fromEntries(named) };
}

/** An end that sends in groups. */
function sending(scheduler: SchedulerLike): End {
  const { transmit, receive } = arq({ conv: 1, mode: 'fast3', scheduler });
  return { transmit: (messages) => messages.pipe(transmit, fecEncode(shape, { scheduler })), receive };
}

/** The same, where numbers begin in the middle, for which there is no option. */
function sendingFrom(firstSeqid: number) {
  return (scheduler: SchedulerLike): End => {
    const { transmit, receive } = arq({ conv: 1, mode: 'fast3', scheduler });
    const encoder = new FecEncoder(shape, firstSeqid);
    const encode = map((burst: Burst) => {
      const datagrams: Uint8Array[] = [];
      for (const one of burst) encoder.encode(one, scheduler.now(), datagrams);
      return datagrams;
    });
    return { transmit: (messages) => messages.pipe(transmit, encode), receive };
  };
}

/** An end whose peer sends in groups; `told` is what it takes them for. */
function receiving(told?: FecShape) {
  return (scheduler: SchedulerLike): End & Pick<Arq, 'stats'> => {
    const end = arq({ conv: 1, mode: 'fast3', scheduler });
    return {
      transmit: end.transmit,
      receive: (bursts) => bursts.pipe(fecDecode({ shape: told }), end.receive),
      stats: () => end.stats(),
    };
  };
}

describe('what is sent', () => {
  const sent = {
    ...{ o: wins(128), a: 'a', b: 'b', c: 'c', d: 'd' },
    ...{ w: 'DATA seqid=0 [PUSH sn=0]', x: 'DATA seqid=1 [PUSH sn=1]', z: 'DATA seqid=4 [PUSH sn=3]' },
    y: 'DATA seqid=2 [PUSH sn=2] | PARITY seqid=3 len=27',
  };

  test('leaves at once, and is numbered; with the last packet of a group goes its parity, numbered too', () =>
    timeline({
      make: sending,
      messages: '-a-b---c-d',
      packets: ' o',
      sent: '    -w-x---y-z',
      values: sent,
      until: 30,
    }));

  test('once more, or to acknowledge, is a packet of its group like any other', () =>
    timeline({
      make: sending,
      messages: 'a',
      packets: ' -k',
      sent: '    w 9ms x 189ms y',
      values: {
        ...{ a: 'a', k: push(0, 'hello'), w: sent.w },
        ...{ x: 'DATA seqid=1 [ACK sn=0]', y: 'DATA seqid=2 [PUSH sn=0] | PARITY seqid=3 len=27' },
      },
      until: 250,
    }));

  test('to complete a group, 499 ms after the packet before, is followed by parity', () =>
    timeline({
      make: sending,
      messages: '-ab 498ms cd',
      packets: ' o 50ms    k',
      sent: '    -wx 498ms yz',
      values: { ...sent, k: ack(1, 2, 2) },
      until: 550,
    }));

  test('to complete a group, 500 ms after the packet before, is not: parity that late is of no use, only its number is gone', () =>
    timeline({
      make: sending,
      messages: '-ab 499ms cd',
      packets: ' o 50ms    k',
      sent: '    -wx 499ms vz',
      values: { ...sent, k: ack(1, 2, 2), v: 'DATA seqid=2 [PUSH sn=2]' },
      until: 550,
    }));

  test('after a pause anywhere else in a group has its parity', () =>
    timeline({
      make: sending,
      messages: '-a 999ms     bc',
      packets: ' o 50ms k',
      sent: '    -w 999ms     xy',
      values: { ...sent, k: ack(0, 1, 1) },
      until: 1050,
    }));

  test('has numbers that begin again from 0 where a whole number of groups ends, just below 32 bits', () =>
    timeline({
      make: sendingFrom(END - 4),
      messages: '-abcd',
      packets: ' o',
      sent: '    -wxyz',
      values: {
        ...sent,
        ...{ w: 'DATA seqid=4294967288 [PUSH sn=0]', x: 'DATA seqid=4294967289 [PUSH sn=1]' },
        y: 'DATA seqid=4294967290 [PUSH sn=2] | PARITY seqid=4294967291 len=27',
        z: 'DATA seqid=0 [PUSH sn=3]',
      },
      until: 20,
    }));
});

describe('what is lost', () => {
  /** Messages, as they are delivered. */
  const delivered = Object.fromEntries([...'abcdefghijkl'].map((word) => [word.toUpperCase(), word]));

  test('is there with the parity of its group, and is acknowledged, long before the peer would send it again', () =>
    timeline({
      make: receiving(),
      // In the first group nothing is lost: it shows the shape.
      packets: ' 1 10ms      d---f---q',
      sent: '    10ms     x---------y',
      received: '(ABC) 6ms  D-------(EF)',
      values: { ...groups(), ...delivered, x: 'ACK sn=2 una=3', y: 'ACK sn=4 una=6' },
      fields: ['sn', 'una'],
      until: 300,
    }));

  test('is not there if it is more than there is parity for; when one of two comes late after all, so does the other', () =>
    timeline({
      make: receiving(),
      packets: ' 1 10ms      d-------q 50ms e',
      sent: '    10ms     x---------y 59ms         z',
      received: '(ABC) 6ms  D-------- 50ms (EF)',
      values: { ...groups(), ...delivered, x: 'ACK sn=2', y: 'ACK sn=3', z: 'ACK sn=5' },
      until: 300,
    }));

  test('and is rebuilt when it has long been sent again is not acknowledged once more, as of when it was sent first', () =>
    timeline({
      make: receiving(),
      packets: ' 1 10ms      d---f-o 100ms q',
      sent: '    10ms     x---------y',
      received: '(ABC) 6ms  D-----(EF)',
      values: {
        ...{ ...groups(), ...delivered, o: push(4, 'e', { ts: 50 }) },
        ...{ x: 'ACK sn=2 ts=0', y: 'ACK sn=4 ts=50' },
      },
      fields: ['sn', 'ts'],
      until: 300,
    }));

  test('is not made up before it is certain how large groups are, which the packet behind the first parity shows', () =>
    timeline({
      make: receiving(shape),
      packets: ' b-c-p-------d',
      sent: '    ----------x---------y',
      received: '------------(ABCD)',
      values: {
        ...{ ...groups(), ...delivered },
        ...{ x: 'ACK sn=1 una=0, ACK sn=2 una=0', y: 'ACK sn=0 una=4' },
      },
      fields: ['sn', 'una'],
      until: 100,
    }));

  test('before that waits to be sent again where nothing was known about the groups', () =>
    timeline({
      make: receiving(),
      packets: ' b-c-p-------d 20ms     e',
      sent: '    ----------x---------y 19ms z',
      received: '------------- 20ms (ABCD)',
      values: {
        ...{ ...groups(), ...delivered, e: push(0, 'a') },
        ...{ x: 'ACK sn=1 una=0, ACK sn=2 una=0', y: 'ACK sn=3 una=0', z: 'ACK sn=0 una=4' },
      },
      fields: ['sn', 'una'],
      until: 100,
    }));

  test.each([
    ['32 bits, and begin again', END],
    ['31 bits', 2 ** 31],
  ])('is there with its parity on either side of where numbers go beyond %s', (_, border) =>
    timeline({
      make: receiving(),
      // What is lost is the last of the group before, and the first of the one behind.
      packets: ' 1 10ms      2 10ms     g-h-r-----k-l-s',
      sent: '    10ms     x---------y---------z---------w',
      received: '(ABC) 6ms  (DEF) 6ms  G-H-I---------(JKL)',
      values: {
        ...{ ...groups(border - 12), ...delivered },
        ...{ x: 'ACK sn=2', y: 'ACK sn=5', z: 'ACK sn=8', w: 'ACK sn=9' },
      },
      until: 100,
    }),
  );
});

describe('an ack from behind a small window', () => {
  const SMALL = 7;
  const [a, b, c, p, d, e, k, q] = encoded(
    [...[0, 1, 2, 3, 4].map((sn) => push(sn, 'hello')), ack(0, 1, 1, { wnd: SMALL })],
    shape,
  );

  test.each([
    ['that has arrived tells the round trip, and the window', [d, e, k], { srtt: 50, remoteWindow: SMALL }],
    [
      'that was lost and rebuilt acknowledges, too, but tells neither: by then both are out of date',
      [d, e, q],
      { srtt: 0, remoteWindow: 128 },
    ],
  ])('%s', (_, burst, told) =>
    timeline({
      make: receiving(),
      messages: '-m',
      packets: ' 1 50ms          2',
      sent: '    -x 49ms         y',
      values: {
        ...{ m: 'hello', x: 'ACK sn=2, PUSH sn=0', y: 'ACK sn=4' },
        ...{ 1: [a, b, c, p] as Burst, 2: burst as Burst },
      },
      until: 300,
      doing: { 60: (end) => expect(end.stats()).toMatchObject({ inFlight: 0, ...told }) },
    }),
  );
});

test('what is sent out of band is in no group, is not acknowledged, and waits for nothing that is lost', () => {
  const outOfBand = new OutOfBand(1, true);
  outOfBand.start();
  timeline({
    make: (scheduler) => {
      const { receive, transmit } = arq({ conv: 1, mode: 'fast3', scheduler });
      const decode = fecDecode({ outOfBand: (packet, seqid) => outOfBand.input(packet, seqid) });
      return {
        transmit,
        receive: (bursts) => {
          const inOrder = bursts.pipe(decode, receive);
          return merge(inOrder, outOfBand.received$);
        },
      };
    },
    packets: ' 1 10ms      d-o-f-n-q',
    sent: '    10ms     x---------y',
    received: '(ABC) 6ms  D-O---O-(EF)',
    values: {
      ...{ ...groups(), A: 'a', B: 'b', C: 'c', D: 'd', E: 'e', F: 'f', O: 'beside' },
      ...{ o: outOfBand.packet(text('beside')), n: outOfBand.packet(text('beside')), x: 'ACK sn=2', y: 'ACK sn=4' },
    },
    until: 100,
  });
});
