import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Worker } from 'node:worker_threads';
import { type Address, resetSnmp, snmp } from 'rxkcp';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { NativeSocket } from '../../../../src/link/udp/native/socket.ts';
import { eventually } from '../../../support/eventually.ts';
import { freePort } from '../../../support/free-port.ts';
import { describeNative } from '../../../support/native.ts';
import { datagrams, openHub, openLink, shape, socketCount } from './support.ts';

const cleanups: (() => void)[] = [];
beforeEach(() => resetSnmp());
afterEach(() => {
  vi.restoreAllMocks();
  for (const cleanup of cleanups.splice(0)) cleanup();
});

function kept<T extends { close(): void }>(end: T): T {
  cleanups.push(() => end.close());
  return end;
}

/** A socket that knows nothing of batches, and what it has received. */
async function plain(): Promise<{ socket: Socket; port: number; received: Buffer[] }> {
  const socket = createSocket({ type: 'udp4', recvBufferSize: 1 << 20 });
  cleanups.push(() => socket.close());
  const received: Buffer[] = [];
  socket.on('message', (datagram) => void received.push(datagram));
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return { socket, port: socket.address().port, received };
}

const nextTick = (): Promise<void> => new Promise((resolve) => process.nextTick(resolve));

describeNative('the native link', (addon) => {
  const lengths = [
    ['of one size', Array.from({ length: 300 }, () => 1200)],
    ['of one size, but for a shorter last one', [...Array.from({ length: 99 }, () => 1400), 24]],
    ['that grow', [24, 100, 1400, 1400, 1500]],
    ['that shrink', [1500, 1400, 1400, 100, 24, 24, 1]],
    ['with empty ones among them', [10, 10, 0, 10, 0, 0, 10, 10]],
    ['more than fit a message', Array.from({ length: 200 }, (_, i) => (i < 100 ? 1500 : 20))],
  ] as const;

  test.each(lengths)('sends datagrams %s, each as it is', async (_, sizes) => {
    const receiver = await plain();
    for (const together of [false, true]) {
      const link = kept(await openLink(addon, { port: receiver.port }));
      const burst = datagrams(sizes, together);
      receiver.received.length = 0;
      link.channel.outgoing.next(burst);
      await eventually(() => expect(receiver.received.length).toBe(burst.length));
      expect(shape(receiver.received)).toEqual(shape(burst));
    }
  });

  test.each(lengths)('takes apart what the system put together: datagrams %s', async (_, sizes) => {
    const hub = kept(await openHub(addon));
    const link = kept(await openLink(addon, { port: hub.channel.local.port }));
    const burst = datagrams(sizes, true);
    link.channel.outgoing.next(burst);
    await hub.until(burst.length);
    expect(shape(hub.received)).toEqual(shape(burst));
    expect(hub.peers[0]).toEqual(link.channel.local);
    expect(new Set(hub.peers).size).toBe(1);
  });

  test.each(lengths)('lends datagrams %s: all bursts lie in one memory', async (_, sizes) => {
    const hub = kept(await openHub(addon));
    const link = kept(await openLink(addon, { port: hub.channel.local.port }));
    const burst = datagrams(sizes, true);
    link.channel.outgoing.next(burst);
    await hub.until(burst.length);
    hub.channel.outgoing.next({ peer: hub.peers[0] as Address, burst });
    await link.until(burst.length);
    expect(shape(link.received)).toEqual(shape(burst));
    const lent = [...hub.bursts, ...link.bursts].flat().filter(({ length }) => length > 0);
    expect(new Set(lent.map(({ buffer }) => buffer)).size).toBe(1);
  });

  test('goes on when someone takes away the memory that it lends', async () => {
    const hub = kept(await openHub(addon));
    const link = kept(await openLink(addon, { port: hub.channel.local.port }));
    for (let i = 1; i <= 3; i++) {
      hub.onBurst = ([datagram]) => {
        expect([...(datagram as Uint8Array)]).toEqual([i, i]);
        const { buffer } = datagram as Uint8Array<ArrayBuffer>;
        structuredClone(buffer, { transfer: [buffer] });
      };
      link.channel.outgoing.next([Uint8Array.of(i, i)]);
      await hub.until(i);
    }
  });

  test('hands over many datagrams in one burst', async () => {
    const hub = kept(await openHub(addon));
    const link = kept(await openLink(addon, { port: hub.channel.local.port }));
    link.channel.outgoing.next(datagrams(Array.from({ length: 120 }, () => 1400)));
    await hub.until(120);
    expect(hub.bursts.length).toBeLessThan(4);
  });

  test('sends what many peers get in one tick with one call, and keeps the order of each', async () => {
    const hub = kept(await openHub(addon));
    const links = await Promise.all(
      Array.from({ length: 20 }, async () => kept(await openLink(addon, { port: hub.channel.local.port }))),
    );
    for (const [index, link] of links.entries()) link.channel.outgoing.next([Uint8Array.of(index)]);
    await hub.until(links.length);
    const send = vi.spyOn(addon, 'send');
    const burst = datagrams([700, 700, 30, 700, 8]);
    for (let round = 0; round < burst.length; round++) {
      for (const peer of hub.peers) hub.channel.outgoing.next({ peer, burst: [burst[round] as Uint8Array] });
    }
    await nextTick();
    expect(send).toHaveBeenCalledTimes(1);
    await Promise.all(links.map((link) => link.until(burst.length)));
    for (const link of links) expect(shape(link.received)).toEqual(shape(burst));
  });

  test('hands over one burst for each peer at a wake-up, and the same address each time', async () => {
    const hub = kept(await openHub(addon));
    const { port } = hub.channel.local;
    const [one, other] = [kept(await openLink(addon, { port })), kept(await openLink(addon, { port }))];
    // In one tick, in turn: they wait in the socket like that.
    for (const size of [10, 20, 30]) {
      for (const link of [one, other]) link.channel.outgoing.next(datagrams(Array.from({ length: 128 }, () => size)));
    }
    await hub.until(6 * 128);
    expect(hub.bursts.map((burst) => burst.length)).toEqual([384, 384]);
    expect(new Set(hub.peers).size).toBe(2);
    one.channel.outgoing.next(datagrams([1]));
    await hub.until(6 * 128 + 1);
    expect(new Set(hub.peers).size).toBe(2);
  });

  test('sends all answers to one wake-up when it ends', async () => {
    const hub = kept(await openHub(addon));
    const links = await Promise.all(
      [1, 2, 3].map(async () => kept(await openLink(addon, { port: hub.channel.local.port }))),
    );
    const send = vi.spyOn(addon, 'send');
    const sentWhileDelivering: number[] = [];
    hub.onBurst = (burst, peer) => {
      for (const datagram of burst) hub.channel.outgoing.next({ peer: peer as Address, burst: [datagram] });
      sentWhileDelivering.push(send.mock.calls.length);
    };
    for (const link of links) link.channel.outgoing.next(datagrams([100, 100]));
    await nextTick();
    send.mockClear();
    await Promise.all(links.map((link) => link.until(2)));
    expect(sentWhileDelivering).toEqual([0, 0, 0]);
    expect(send).toHaveBeenCalledTimes(1);
  });

  test('does not hold back a burst that is large enough until the tick ends', async () => {
    const receiver = await plain();
    const link = kept(await openLink(addon, { port: receiver.port }));
    const send = vi.spyOn(addon, 'send');
    link.channel.outgoing.next(datagrams(Array.from({ length: 128 }, () => 100)));
    expect(send).toHaveBeenCalledTimes(1);
  });

  test('drops what no MTU allows, one by one, however the system delivers it', async () => {
    const hub = kept(await openHub(addon));
    const link = kept(await openLink(addon, { port: hub.channel.local.port }));
    link.channel.outgoing.next(datagrams([1501, 1501, 1501, 1500, 60_000, 7]));
    await hub.until(2);
    expect(shape(hub.received)).toEqual(['1500:4', '7:6']);
    expect(snmp().InErrs).toBe(4);
  });

  test('goes on after its peer’s port was unreachable, and loses nothing to that error', async () => {
    const port = await freePort();
    const link = kept(await openLink(addon, { port }));
    link.channel.outgoing.next(datagrams([10]));
    await nextTick();
    // The refusal waits in the socket now, for whatever is called next.
    const hub = kept(await openHub(addon, { port }));
    link.channel.outgoing.next(datagrams([20, 20, 30]));
    await hub.until(3);
    expect(shape(hub.received)).toEqual(['20:1', '20:2', '30:3']);

    // The same, but for the wake-up that libuv takes as the poll's end.
    hub.close();
    // The system says so only so many times a second.
    await eventually(() => {
      link.channel.outgoing.next(datagrams([10]));
      expect(snmp().InErrs).toBeGreaterThan(1);
    });
    const again = kept(await openHub(addon, { port }));
    link.channel.outgoing.next(datagrams([40]));
    await again.until(1);
    again.channel.outgoing.next({ peer: again.peers[0] as Address, burst: datagrams([50]) });
    await link.until(1);
    expect(shape(link.received)).toEqual(['50:1']);
  });

  test('can be closed by what it delivers to, and delivers nothing after', async () => {
    const hub = await openHub(addon);
    const links = await Promise.all(
      Array.from({ length: 10 }, async () => kept(await openLink(addon, { port: hub.channel.local.port }))),
    );
    hub.onBurst = () => hub.close();
    for (const link of links) link.channel.outgoing.next(datagrams([5, 5, 5]));
    await sleep(50);
    expect(hub.bursts.length).toBe(1);
    // And the port is free at once.
    kept(await openHub(addon, { port: hub.channel.local.port }));
  });

  test('is not collected while it is open, and closed when it is collected before it began', async () => {
    setFlagsFromString('--expose-gc');
    const gc = runInNewContext('gc') as () => void;
    const before = socketCount();
    for (let i = 0; i < 50; i++) addon.create(4);
    expect(socketCount()).toBe(before + 50);
    await eventually(() => {
      gc();
      expect(socketCount()).toBe(before);
    });

    const received: number[] = [];
    // Nobody here keeps the socket: only what it calls does.
    const port = (() => {
      const socket = new NativeSocket(addon, 4, {});
      socket.bind({ address: '127.0.0.1', port: 0 });
      socket.start({
        received: (_rows, slab) => {
          received.push(slab.byteLength);
          if (received.length === 5) socket.close();
        },
        failed: () => {},
      });
      return socket.local.port;
    })();
    const sender = await plain();
    for (let i = 1; i <= 5; i++) {
      gc();
      sender.socket.send(Uint8Array.of(i), port, '127.0.0.1');
      await eventually(() => expect(received.length).toBe(i));
    }
    expect(socketCount()).toBe(before + 1);
  });

  test('gives the port to several sockets that ask for it, and each peer to one of them', async () => {
    const first = kept(await openHub(addon, { reusePort: true }));
    const { port } = first.channel.local;
    const second = kept(await openHub(addon, { port, reusePort: true }));
    const links = await Promise.all(Array.from({ length: 32 }, async () => kept(await openLink(addon, { port }))));
    for (let round = 0; round < 3; round++) {
      for (const link of links) link.channel.outgoing.next([new Uint8Array(3)]);
      await eventually(() => {
        expect(first.received.length + second.received.length).toBe(links.length * (round + 1));
      });
    }
    const [here, there] = [first, second].map(({ peers }) => new Set(peers.map((peer) => peer.port)));
    expect(here?.size).toBeGreaterThan(0);
    expect(there?.size).toBeGreaterThan(0);
    expect([...(here ?? [])].filter((peer) => there?.has(peer))).toEqual([]);
  });

  test('works in worker threads, which may be terminated in the middle of it', async () => {
    const before = socketCount();
    for (let round = 0; round < 10; round++) {
      const worker = new Worker(UNDER_LOAD, { eval: true, workerData: addonPath() });
      const [datagramsSoFar] = await once(worker, 'message');
      expect(datagramsSoFar).toBeGreaterThan(0);
      await sleep(round * 3);
      await worker.terminate();
    }
    await eventually(() => expect(socketCount()).toBe(before));
    // And this thread's are as they were.
    const hub = kept(await openHub(addon));
    const link = kept(await openLink(addon, { port: hub.channel.local.port }));
    link.channel.outgoing.next(datagrams([9]));
    await hub.until(1);
  });

  test('lets a process end when all of its sockets are closed, and when one is open and the process wants to', async () => {
    const worker = new Worker(UNDER_LOAD, { eval: true, workerData: addonPath() });
    await once(worker, 'message');
    worker.postMessage('close');
    const [code] = await once(worker, 'exit');
    expect(code).toBe(0);
    const exiting = new Worker(UNDER_LOAD, { eval: true, workerData: addonPath() });
    await once(exiting, 'message');
    exiting.postMessage('exit');
    await expect(once(exiting, 'exit')).resolves.toEqual([7]);
  });
});

const require = createRequire(import.meta.url);

/** The file of the addon, which has been loaded. */
function addonPath(): string {
  const prebuilds = fileURLToPath(new URL('../../../../native/prebuilds/', import.meta.url));
  return Object.keys(require.cache).find((path) => path.startsWith(prebuilds)) as string;
}

/** Two sockets that send each other bursts without end, in a worker. */
const UNDER_LOAD = `
  const { parentPort, workerData } = require('node:worker_threads');
  const addon = require(workerData);
  const [a, b] = [addon.create(4), addon.create(4)];
  for (const socket of [a, b]) addon.bind(socket, addon.record('127.0.0.1', 0));
  addon.connect(a, addon.address(b));
  addon.connect(b, addon.address(a));
  const burst = Array.from({ length: 64 }, () => new Uint8Array(1000));
  let rows = 0;
  addon.start(a, () => addon.send(a, burst));
  addon.start(b, (count) => {
    if (rows === 0) parentPort.postMessage(count);
    rows += count;
    addon.send(b, burst);
  });
  addon.send(a, burst);
  parentPort.once('message', (what) => {
    if (what === 'exit') process.exit(7);
    addon.close(a);
    addon.close(b);
  });
`;
