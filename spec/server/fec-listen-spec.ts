// What a server makes of strangers whose packets travel in FEC's framing, or out of band.

import { map, Subject } from 'rxjs';
import { type Address, type ListenOptions, listen, type PeerBurst, type Session, type SessionEnd, snmp } from 'rxkcp';
import { describe, expect, test } from 'vitest';
import { packetIn } from '../../src/core/fec/header.ts';
import { OutOfBand } from '../../src/session/out-of-band.ts';
import { encoded } from '../support/fec.ts';
import { ack, push, testScheduler, text, timedLabel, words } from '../support/marbles.ts';

const alice: Address = { address: '10.0.0.1', port: 1000 };
const fec = { data: 3, parity: 1 };

/** A server whose packets the test makes by hand. */
class Bench {
  readonly incoming = new Subject<PeerBurst>();
  readonly sent: string[] = [];
  readonly sessions: Session[] = [];
  readonly seen: string[] = [];
  readonly ends: SessionEnd[] = [];
  readonly close: () => void;

  constructor(options: Partial<ListenOptions> = {}) {
    const link = {
      local: alice,
      incoming: this.incoming,
      outgoing: { next: ({ burst }: PeerBurst) => this.sent.push(...burst.map((one) => timedLabel(packetIn(one)))) },
    };
    const server = listen({ ackNoDelay: true, fec, ...options, link }).subscribe((session) => {
      const name = this.sessions.push(session);
      session.pipe(map(words)).subscribe((word) => this.seen.push(`${name}:${word}`));
      session.oob$.pipe(map(words)).subscribe((word) => this.seen.push(`${name}:(${word})`));
      session.closed$.subscribe((end) => this.ends.push(end));
    });
    this.close = () => server.unsubscribe();
  }

  from(...burst: (Uint8Array | undefined)[]): void {
    this.incoming.next({ peer: alice, burst: burst as Uint8Array[] });
  }
}

const senders = new Map<number, OutOfBand>();
/** A datagram out of band; those of a conversation are numbered. */
function oob(words: string, conv = 1): Uint8Array {
  const sender = senders.get(conv) ?? new OutOfBand(conv, true);
  senders.set(conv, sender);
  return sender.packet(text(words));
}
const group = (...sns: number[]): Uint8Array[] =>
  encoded(
    sns.map((sn) => push(sn, `m${sn}`)),
    fec,
  );

describe('a server', () => {
  test('takes up a conversation whose segment 0 comes in a data shard', () => {
    const server = new Bench();
    server.from(...group(0, 1, 2));
    expect(server.seen).toEqual(['1:m0', '1:m1', '1:m2']);
    expect(server.sessions[0]?.snmp()).toMatchObject({ FECFullShardSet: 1, FECParityShards: 1, InPkts: 4 });
    server.close();
  });

  test('keeps early shards, parity among them, for the session that segment 0 makes', () => {
    const server = new Bench();
    const [a, b, c, p] = group(0, 1, 2);
    const next = encoded([push(3, 'm3'), push(4, 'm4')], fec, 4);
    server.from(p);
    server.from(c, p, ...next);
    expect(server.sessions).toEqual([]);
    server.from(a);
    // b is rebuilt: of its group the other three are there.
    expect(server.seen).toEqual(['1:m0', '1:m1', '1:m2', '1:m3', '1:m4']);
    expect(server.sessions[0]?.snmp()).toMatchObject({ FECRecovered: 1 });
    server.from(b);
    server.close();
  });

  test('keeps parity from a session until data of its own has come, and parity of another conversation for good', () => {
    const server = new Bench();
    const [a, , c, p] = group(0, 1, 2);
    const [, , , q] = encoded(
      [0, 1, 2].map((sn) => push(sn, `x${sn}`, { conv: 2 })),
      fec,
    );
    server.from(oob('hi'));
    server.from(p, q);
    expect(server.sessions[0]?.snmp()).toMatchObject({ InPkts: 1 });
    server.from(
      a,
      c,
      q,
      ...encoded(
        [3, 4, 5].map((sn) => push(sn, `m${sn}`)),
        fec,
        4,
      ),
    );
    expect(server.seen).toEqual(['1:(hi)', '1:m0']);
    expect(server.sessions[0]?.snmp()).toMatchObject({
      InPkts: 7,
      FECParityShards: 1,
      FECRecovered: 0,
      KCPInErrors: 0,
    });
    server.from(p);
    expect(server.seen).toEqual(['1:(hi)', ...[0, 1, 2, 3, 4, 5].map((sn) => `1:m${sn}`)]);
    server.close();
  });

  test('makes nothing of a stranger’s parity, nor of anything from the middle of a conversation', () => {
    const server = new Bench({ receiveWindow: 32 });
    const [, , , parity] = group(0, 1, 2);
    server.from(parity);
    server.from(...encoded([push(5, 'x'), push(32, 'x'), ack(0, 0, 0)], fec));
    expect(server.sessions).toEqual([]);
    expect(server.sent).toEqual([]);
    server.close();
  });

  test('begins a session with what comes out of band, and delivers that to the handler’s subscriber', () => {
    const server = new Bench();
    server.from(oob('hello', 0xffff_fff0));
    expect(server.seen).toEqual(['1:(hello)']);
    expect(server.sessions[0]?.conv).toBe(0xffff_fff0);
    server.from(oob('again', 0xffff_fff0));
    server.from(push(0, 'm0', { conv: 0xffff_fff0 }));
    expect(server.seen).toEqual(['1:(hello)', '1:(again)', '1:m0']);
    server.close();
  });

  test('acknowledges nothing in such a session before its segment 0: it may have been restarted', () => {
    const server = new Bench();
    server.from(oob('still here'));
    server.from(push(5, 'm5', { una: 3 }), push(6, 'm6', { una: 3 }));
    expect(server.sent).toEqual([]);
    expect(server.seen).toEqual(['1:(still here)']);
    server.close();
  });

  test('but takes up what came early in such a session once segment 0 has come', () => {
    const server = new Bench();
    server.from(oob('hi'));
    server.from(push(1, 'm1'));
    expect(server.sent).toEqual([]);
    server.from(push(0, 'm0', { ts: 9 }));
    expect(server.seen).toEqual(['1:(hi)', '1:m0', '1:m1']);
    server.from(push(2, 'm2'));
    expect(server.seen.at(-1)).toBe('1:m2');
    server.close();
  });

  test('hears in such a session what the peer makes of the data it sends itself', () => {
    const scheduler = testScheduler();
    scheduler.run(() => {
      const server = new Bench({ scheduler });
      server.from(oob('hi'));
      server.sessions[0]?.next(text('welcome'));
      server.from(ack(0, 0, 1));
      expect(server.sessions[0]?.stats().inFlight).toBe(0);
      server.from(push(0, 'm0', { una: 1 }));
      expect(server.seen).toEqual(['1:(hi)', '1:m0']);
      server.close();
    });
  });

  test('ends nothing for an out-of-band datagram of another conversation, and begins none', () => {
    const server = new Bench();
    server.from(push(0, 'm0', { conv: 1 }));
    const before = snmp().KCPInErrors;
    server.from(oob('forged', 2));
    expect(snmp().KCPInErrors - before).toBe(1);
    expect([server.ends, server.sessions.length]).toEqual([[], 1]);
    server.close();
  });

  test('does not take a late out-of-band datagram of an ended conversation for a new one', () => {
    const scheduler = testScheduler();
    scheduler.run(() => {
      const server = new Bench({ scheduler });
      server.from(push(0, 'm0'));
      server.sessions[0]?.close();
      server.from(oob('late'));
      expect(server.sessions.length).toBe(1);
      scheduler.schedule(() => {
        server.from(oob('anew'));
        expect(server.seen).toEqual(['1:m0', '2:(anew)']);
        server.close();
      }, 10_000);
    });
  });

  test('understands FEC without being set to any, and answers without', () => {
    const sent: Uint8Array[] = [];
    const incoming = new Subject<PeerBurst>();
    const link = { local: alice, incoming, outgoing: { next: ({ burst }: PeerBurst) => sent.push(...burst) } };
    const server = listen({ link, ackNoDelay: true }).subscribe((session) => session.subscribe({}));
    incoming.next({ peer: alice, burst: group(0, 1, 2) });
    expect(sent.map((one) => timedLabel(one).slice(0, 8))).toEqual(['ACK sn=0', 'ACK sn=1', 'ACK sn=2']);
    server.unsubscribe();
  });
});
