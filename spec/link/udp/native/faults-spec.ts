import { readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { type Address, type Hub, resetSnmp, snmp } from 'rxkcp';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { NativeSocket } from '../../../../src/link/udp/native/socket.ts';
import { eventually } from '../../../support/eventually.ts';
import { describeFaults } from '../../../support/native.ts';
import { datagrams, type End, openHub, openLink, shape } from './support.ts';

const { EAGAIN, ECONNREFUSED, EINVAL, EIO, EMSGSIZE, ENOBUFS, EPERM } = constants.errno;
/** Of Linux. */
const SOL_SOCKET = 1;
const SO_SNDBUF = 7;
const SO_RCVBUF = 8;
const IPPROTO_IP = 0;
const IP_TOS = 1;
const IP_MTU_DISCOVER = 10;
const IP_PMTUDISC_DO = 2;
const IPPROTO_IPV6 = 41;
const IPV6_MTU_DISCOVER = 23;
const IPV6_TCLASS = 67;

const cleanups: (() => void)[] = [];
beforeEach(() => resetSnmp());
afterEach(() => {
  for (const cleanup of cleanups.splice(0)) cleanup();
});

function kept<T extends { close(): void }>(end: T): T {
  cleanups.push(() => end.close());
  return end;
}

describeFaults('the native link, when the system', (addon) => {
  afterEach(() => {
    addon.fail('send', 0, 0, false);
    addon.fail('receive', 0, 0, false);
  });

  /** Two who receive, and a hub that knows them. */
  async function threesome(): Promise<{ hub: End<Hub>; peers: Address[]; received: () => string[][] }> {
    const hub = kept(await openHub(addon));
    const { port } = hub.channel.local;
    const links = [kept(await openLink(addon, { port })), kept(await openLink(addon, { port }))];
    for (const [index, link] of links.entries()) {
      link.channel.outgoing.next([new Uint8Array(1)]);
      await hub.until(index + 1);
    }
    return { hub, peers: hub.peers, received: () => links.map((link) => shape(link.received)) };
  }

  const whole = shape(datagrams([500, 500, 500, 20]));
  const sendBatch = ({ hub, peers }: { hub: End<Hub>; peers: Address[] }, index: number): void =>
    hub.channel.outgoing.next({ peer: peers[index] as Address, burst: datagrams([500, 500, 500, 20]) });

  test.each([
    ['EMSGSIZE', EMSGSIZE],
    ['EINVAL, as older ones say it', EINVAL],
  ])('will not take segments of that size (%s), sends one by one on that route from then on', async (_, errno) => {
    const all = await threesome();
    addon.fail('send', errno, 1, true);
    sendBatch(all, 0);
    await eventually(() => expect(all.received()).toEqual([whole, []]));
    // One failure waits for the next that is segmented; none is, on that route.
    expect(addon.fail('send', errno, 1, true)).toBe(0);
    sendBatch(all, 0);
    await eventually(() => expect(all.received()).toEqual([[...whole, ...whole], []]));
    expect(addon.fail('send', errno, 1, true)).toBe(1);
    sendBatch(all, 1);
    await eventually(() => expect(all.received()[1]).toEqual(whole));
    expect(addon.fail('send', 0, 0, false)).toBe(0);
    expect(snmp().InErrs).toBe(0);
  });

  test('will not take segments of that size on a connected socket, remembers that too', async () => {
    const hub = kept(await openHub(addon));
    const link = kept(await openLink(addon, { port: hub.channel.local.port }));
    for (const left of [0, 1]) {
      addon.fail('send', EMSGSIZE, 1, true);
      hub.received.length = 0;
      link.channel.outgoing.next(datagrams([500, 500, 500, 20]));
      await hub.until(4);
      expect(shape(hub.received)).toEqual(whole);
      expect(addon.fail('send', 0, 0, false)).toBe(left);
    }
  });

  test('is given more packets than a message may have, takes them all segmented', async () => {
    const all = await threesome();
    const many = datagrams(Array.from({ length: 200 }, () => 20));
    all.hub.channel.outgoing.next({ peer: all.peers[0] as Address, burst: many });
    await eventually(() => expect(all.received()[0]).toEqual(shape(many)));
    addon.fail('send', EMSGSIZE, 1, true);
    sendBatch(all, 0);
    await eventually(() => expect(all.received()[0]?.length).toBe(204));
    expect(addon.fail('send', 0, 0, false)).toBe(0);
  });

  test('has a device that cannot make checksums (EIO), never segments again', async () => {
    const all = await threesome();
    addon.fail('send', EIO, 1, true);
    sendBatch(all, 0);
    await eventually(() => expect(all.received()).toEqual([whole, []]));
    addon.fail('send', EIO, 1, true);
    sendBatch(all, 1);
    await eventually(() => expect(all.received()).toEqual([whole, whole]));
    expect(addon.fail('send', 0, 0, false)).toBe(1);
    expect(snmp().InErrs).toBe(0);
  });

  test('reports at a sending what an earlier one met (ECONNREFUSED), sends again', async () => {
    const all = await threesome();
    addon.fail('send', ECONNREFUSED, 1, false);
    sendBatch(all, 0);
    await eventually(() => expect(all.received()).toEqual([whole, []]));
    expect(snmp().InErrs).toBe(1);
  });

  test('refuses a message for good (EPERM), drops and counts that one, and sends the next', async () => {
    const all = await threesome();
    addon.fail('send', EPERM, 2, false);
    sendBatch(all, 0);
    sendBatch(all, 1);
    await eventually(() => expect(all.received()).toEqual([[], whole]));
    expect(snmp().InErrs).toBe(4);
  });

  test.each([
    ['is full (EAGAIN)', EAGAIN],
    ['has no memory (ENOBUFS)', ENOBUFS],
  ])('%s, waits, and loses nothing', async (_, errno) => {
    const all = await threesome();
    addon.fail('send', errno, 3, false);
    for (let round = 0; round < 3; round++) {
      sendBatch(all, 0);
      sendBatch(all, 1);
      await new Promise((resolve) => setImmediate(resolve));
    }
    const thrice = [...whole, ...whole, ...whole];
    await eventually(() => expect(all.received()).toEqual([thrice, thrice]));
    expect(addon.fail('send', 0, 0, false)).toBe(0);
    expect(snmp().InErrs).toBe(0);
  });

  test('reports at a receiving what a sending met, counts it and receives', async () => {
    const all = await threesome();
    addon.fail('receive', ECONNREFUSED, 2, false);
    sendBatch(all, 0);
    await eventually(() => expect(all.received()).toEqual([whole, []]));
    expect(snmp().InErrs).toBe(2);
  });

  describe('is asked for', () => {
    const both = [
      ['IPv4', 4],
      ['IPv6', 6],
    ] as const;

    /** A socket, and how to look at its options. */
    function looked(family: 4 | 6, options: object): (level: number, option: number) => number | undefined {
      const create = vi.spyOn(addon, 'create');
      const socket = new NativeSocket(addon, family, options);
      cleanups.push(() => socket.close());
      const handle = create.mock.results[0]?.value;
      create.mockRestore();
      return (level, option) => addon.look(handle, level, option);
    }

    test.each(both)('a DSCP, sets it (%s)', (_, family) => {
      const look = looked(family, { dscp: 46 });
      expect(look(IPPROTO_IP, IP_TOS)).toBe(46 << 2);
      if (family === 6) expect(look(IPPROTO_IPV6, IPV6_TCLASS)).toBe(46 << 2);
    });

    test.each(both)('whole datagrams, sets that (%s)', (_, family) => {
      const look = looked(family, { dontFragment: true });
      expect(look(IPPROTO_IP, IP_MTU_DISCOVER)).toBe(IP_PMTUDISC_DO);
      if (family === 6) expect(look(IPPROTO_IPV6, IPV6_MTU_DISCOVER)).toBe(IP_PMTUDISC_DO);
    });

    test('buffers, makes them, at least as large as it lets anyone', () => {
      const limit = (name: string): number => Number(readFileSync(`/proc/sys/net/core/${name}`, 'utf8'));
      const look = looked(4, { recvBufferSize: 1 << 23, sendBufferSize: 1 << 23 });
      // The system doubles what it is told.
      expect(look(SOL_SOCKET, SO_RCVBUF)).toBeGreaterThanOrEqual(2 * Math.min(1 << 23, limit('rmem_max')));
      expect(look(SOL_SOCKET, SO_SNDBUF)).toBeGreaterThanOrEqual(2 * Math.min(1 << 23, limit('wmem_max')));
      const small = looked(4, { recvBufferSize: 100_000, sendBufferSize: 100_000 });
      expect(small(SOL_SOCKET, SO_RCVBUF)).toBe(200_000);
      expect(small(SOL_SOCKET, SO_SNDBUF)).toBe(200_000);
    });
  });
});
