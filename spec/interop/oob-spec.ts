// Out-of-band datagrams to and from kcp-go: beside a conversation, and before it.

import { firstValueFrom, ReplaySubject, take, toArray } from 'rxjs';
import { FecRequiredError, OobTooLargeError, type Session } from 'rxkcp';
import { expect, test } from 'vitest';
import { eventually } from '../support/eventually.ts';
import type { Cleanup } from './support/cleanup.ts';
import { encryption } from './support/encryption.ts';
import { kcpGo } from './support/go-build.ts';
import { type GoPeer, startGoClient, startGoServer } from './support/go-peer.ts';
import { dial, startOurServer } from './support/our-ends.ts';
import { Pattern } from './support/pattern.ts';
import { describeWith } from './support/peer-presence.ts';
import { goFlags, ourOptions, type Settings } from './support/settings.ts';
import { Wiretap } from './support/wiretap.ts';

const shape = { data: 10, parity: 3 };
const bare: Settings = { mode: 'fast3', window: 128, mtu: 1400 };
const plain: Settings = { ...bare, fec: { ours: shape, theirs: shape } };
const sealed = (['salsa20', 'aes-256-gcm'] as const).map((name, row) => {
  return { ...plain, mtu: [576, 1472][row] as number, encryption: encryption(name, 2300 + row) };
});

interface Ends {
  readonly session: Session;
  /** Started with `-oob`. */
  readonly peer: GoPeer;
  readonly wiretap: Wiretap;
}

const work = ['-work', 'echo', '-bytes', '3', '-oob', '-idle-report'];

/** Our client and kcp-go's server, with a session at both ends. */
async function weDial(settings: Settings, cleanup: Cleanup): Promise<Ends> {
  const { peer, port } = await startGoServer([...work, ...goFlags(settings)], cleanup);
  const wiretap = await Wiretap.open(port, cleanup);
  const session = await dial(wiretap.port, ourOptions(settings), cleanup);
  session.next(Uint8Array.of(1, 2, 3));
  await peer.event('done');
  return { session, peer, wiretap };
}

/** kcp-go's client and our server, with a session at both ends. */
async function theyDial(settings: Settings, cleanup: Cleanup): Promise<Ends> {
  const server = await startOurServer(ourOptions(settings), cleanup);
  const wiretap = await Wiretap.open(server.port, cleanup);
  const peer = startGoClient(wiretap.port, [...work, ...goFlags(settings)], cleanup);
  const session = await firstValueFrom(server.sessions);
  session.subscribe(session);
  await peer.event('done');
  // Before its ack has come, its address is not proven, and little may leave for it.
  await eventually(() => expect(session.stats().inFlight).toBe(0));
  return { session, peer, wiretap };
}

function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

for (const [direction, meet] of [
  ['our client and a kcp-go server', weDial],
  ['a kcp-go client and our server', theyDial],
] as const) {
  describeWith(kcpGo, `out of band, ${direction}`, () => {
    for (const settings of [plain, ...sealed]) {
      const { mtu } = settings;
      const title = `${settings.encryption?.name ?? 'bare'}, MTU ${mtu}`;

      test.concurrent(`exchange nothing, a byte, and as much as a datagram holds: ${title}`, async ({
        onTestFinished,
      }) => {
        const { session, peer, wiretap } = await meet(settings, onTestFinished);
        const pattern = new Pattern(2400);
        const payloads = [0, 1, session.oobMax].map((length) => pattern.take(length));
        const expected = payloads.map(hexOf);

        for (const payload of payloads) session.sendOob(payload);
        const atTheirs = await firstValueFrom(peer.events('oob').pipe(take(payloads.length), toArray()));
        expect(atTheirs.map(({ payload }) => payload)).toEqual(expected);
        expect(atTheirs.every(({ conv }) => conv === session.conv)).toBe(true);

        const atOurs = firstValueFrom(session.oob$.pipe(take(payloads.length), toArray()));
        for (const payload of payloads) {
          expect(await peer.sendOob(payload)).toMatchObject({ max: session.oobMax, error: '' });
        }
        expect((await atOurs).map(hexOf)).toEqual(expected);
        expect([wiretap.longestFromClient, wiretap.longestFromServer]).toEqual([mtu, mtu]);
        expect(session.snmp().OOBPackets).toBe(payloads.length);
        expect((await peer.report()).snmp.OOBPackets).toBe(payloads.length);
      });

      test.concurrent(`refuse a byte more than that: ${title}`, async ({ onTestFinished }) => {
        const { session, peer } = await meet(settings, onTestFinished);
        const payload = new Uint8Array(session.oobMax + 1);
        expect(() => session.sendOob(payload)).toThrow(OobTooLargeError);
        expect(await peer.sendOob(payload)).toMatchObject({ error: 'OOB payload too large' });
      });
    }

    test.concurrent('refuse it without FEC', async ({ onTestFinished }) => {
      const { session, peer } = await meet(bare, onTestFinished);
      expect(() => session.sendOob(new Uint8Array(1))).toThrow(FecRequiredError);
      await expect(firstValueFrom(session.oob$)).rejects.toThrow(FecRequiredError);
      expect(session.oobMax).toBe(0);
      expect(await peer.sendOob(new Uint8Array(1))).toMatchObject({
        max: 0,
        error: 'OOB requires FEC to be enabled',
      });
    });

    for (const [which, fec] of [
      ['ours', { theirs: shape }],
      ['theirs', { ours: shape }],
    ] as const) {
      test.concurrent(`count, and do nothing else, at an end without FEC: ${which}`, async ({ onTestFinished }) => {
        const { session, peer } = await meet({ ...bare, fec }, onTestFinished);
        if (which === 'ours') {
          await peer.sendOob(new Uint8Array(1));
          await eventually(() => expect(session.snmp().OOBPackets).toBe(1));
        } else {
          session.sendOob(new Uint8Array(1));
          await eventually(async () => expect((await peer.report()).snmp.OOBPackets).toBe(1));
        }
        expect(session.closed).toBe(false);
      });
    }
  });
}

describeWith(kcpGo, 'an out-of-band datagram before any data', () => {
  for (const settings of [plain, ...sealed]) {
    const title = settings.encryption?.name ?? 'bare';

    test.concurrent(`makes a session at a kcp-go server, and the conversation begins in it: ${title}`, async ({
      onTestFinished,
    }) => {
      const { peer, port } = await startGoServer([...work, ...goFlags(settings)], onTestFinished);
      const session = await dial(port, ourOptions(settings), onTestFinished);
      // Nobody listens there yet to the one that makes the session.
      session.sendOob(Uint8Array.of(0));
      expect(await peer.event('accepted')).toMatchObject({ conv: session.conv });
      session.sendOob(Uint8Array.of(1));
      expect(await peer.event('oob')).toMatchObject({ conv: session.conv, payload: '01' });
      session.next(Uint8Array.of(1, 2, 3));
      expect(await firstValueFrom(session)).toEqual(Uint8Array.of(1, 2, 3));
      expect((await peer.report()).snmp.PassiveOpens).toBe(1);
    });

    test.concurrent(`makes a session at our server, and the conversation begins in it: ${title}`, async ({
      onTestFinished,
    }) => {
      const server = await startOurServer(ourOptions(settings), onTestFinished);
      const sessions: Session[] = [];
      const payloads = new ReplaySubject<Uint8Array>();
      server.sessions.subscribe((session) => {
        sessions.push(session);
        session.oob$.subscribe(payloads);
        session.subscribe(session);
      });
      const peer = startGoClient(server.port, [...work, '-hold', ...goFlags(settings)], onTestFinished);
      const { conv } = await peer.event('holding');
      for (const payload of [new Uint8Array(), Uint8Array.of(1), Uint8Array.of(2)]) await peer.sendOob(payload);
      const received = await firstValueFrom(payloads.pipe(take(3), toArray()));
      expect(received.map(hexOf)).toEqual(['', '01', '02']);
      peer.begin();
      expect(await peer.event('done')).toMatchObject({ bytesReceived: 3 });
      expect(sessions.map((session) => session.conv)).toEqual([conv]);
    });
  }
});
