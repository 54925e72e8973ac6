import { constants } from 'node:os';
import { NEVER } from 'rxjs';
import { type Burst, type Cipher, resetSnmp, snmp } from 'rxkcp';
import { beforeEach, expect, test } from 'vitest';
import { Slab } from '../../../../src/bytes/slab.ts';
import { withSealLimit } from '../../../../src/core/crypto/seal-limit.ts';
import type { AddressRecord, Handle } from '../../../../src/link/udp/native/addon.ts';
import { Outbox } from '../../../../src/link/udp/native/outbox.ts';
import { sealedLink } from '../../../../src/session/sealed.ts';
import { datagrams, shape } from './support.ts';

/** A system that takes `room` packets, and what it got: pairs of peer and packet. */
class Pretended {
  readonly report = new Int32Array(3);
  readonly sent: [peer: AddressRecord | undefined, packet: Uint8Array][] = [];
  room = Number.POSITIVE_INFINITY;
  wanted = false;

  send(_: Handle, packets: Uint8Array[], ends?: number[], records?: AddressRecord[]): number {
    let packet = 0;
    for (; packet < packets.length && this.room > 0; packet++, this.room--) {
      const run = ends?.findIndex((end) => packet < end) ?? -1;
      this.sent.push([records?.[run], (packets[packet] as Uint8Array).slice()]);
    }
    this.report[1] = packet < packets.length ? constants.errno.EAGAIN : 0;
    return packet;
  }

  want(_: Handle, writable: boolean): void {
    this.wanted = writable;
  }
}

let system: Pretended;
let outbox: Outbox;
beforeEach(() => {
  resetSnmp();
  system = new Pretended();
  outbox = new Outbox(system, {} as Handle, { failed: () => {} });
});

const [alice, bob, carol] = [1, 2, 3].map((who) => new Uint8Array(32).fill(who)) as [
  AddressRecord,
  AddressRecord,
  AddressRecord,
];

test('packets for many peers keep their order and their peers when the system takes them bit by bit', () => {
  const burst = datagrams([1, 2, 3, 4]);
  const expected = [alice, bob, carol, bob].flatMap((peer) => burst.map((packet) => [peer, packet]));
  for (let room = 1; room < 17; room++) {
    system.sent.length = 0;
    system.room = room;
    for (const peer of [alice, bob, carol, bob]) outbox.add(burst, peer);
    outbox.flush();
    while (system.sent.length < expected.length) {
      expect(system.wanted).toBe(true);
      system.room = room;
      outbox.resume();
    }
    expect(system.sent).toEqual(expected);
    expect(system.wanted).toBe(false);
  }
});

test('while the system takes none, 4096 packets wait, and the others are dropped and counted', () => {
  system.room = 0;
  const burst = datagrams([10]);
  for (let i = 0; i < 5000; i++) outbox.add(burst);
  outbox.flush();
  expect(snmp().InErrs).toBe(5000 - 4096);
  system.room = Number.POSITIVE_INFINITY;
  outbox.resume();
  expect(system.sent.length).toBe(4096);
});

test('while the system takes none, 4 MiB wait, and the others are dropped and counted', () => {
  system.room = 0;
  const burst = datagrams([65_000]);
  for (let i = 0; i < 100; i++) {
    outbox.add(burst);
    outbox.flush();
  }
  const most = Math.floor((4 * 1024 * 1024) / 65_000);
  expect(snmp().InErrs).toBe(100 - most);
  // Room for some makes room for as many.
  system.room = 10;
  outbox.resume();
  for (let i = 0; i < 20; i++) outbox.add(burst);
  expect(snmp().InErrs).toBe(100 - most + 10);
});

test('its memory is used again when all that was added has left, and not before', () => {
  const carve = (length: number): Uint8Array => {
    const { memory } = outbox;
    memory.reserve(length);
    memory.offset += length;
    return memory.bytes.subarray(memory.offset - length, memory.offset);
  };
  const first = carve(1000);
  outbox.add([first]);
  outbox.flush();
  const second = carve(1000);
  expect([second.buffer, second.byteOffset]).toEqual([first.buffer, first.byteOffset]);
  system.room = 1;
  outbox.add([second, carve(500)]);
  outbox.flush();
  expect(carve(1).byteOffset).toBe(1500);
  system.room = 10;
  outbox.resume();
  expect(carve(1).byteOffset).toBe(0);
  outbox.close();
});

test('its memory grows with what leaves at once, up to a burst of large packets', () => {
  const { memory } = outbox;
  const sizes: number[] = [];
  for (const length of [100, 3000, 2000, 49_152, 49_152, 49_152, 49_152, 300_000, 10]) {
    memory.reserve(length);
    memory.offset += length;
    sizes.push(memory.bytes.length);
  }
  expect(sizes).toEqual([2048, 4096, 8192, 49_152, 98_304, 98_304, 196_608, 300_000, 196_608]);
});

test('its memory is not used again while a burst is on its way from the cipher, though others are sent from a callback', () => {
  const carry: Cipher = {
    name: 'carry',
    overhead: 0,
    seal: (packets, memory = new Slab()) =>
      packets.map((packet) => {
        memory.reserve(packet.length);
        const datagram = memory.bytes.subarray(memory.offset, memory.offset + packet.length);
        memory.offset += packet.length;
        datagram.set(packet);
        return datagram;
      }),
    open: (burst) => [...burst],
  };
  const bursts = [datagrams([100, 200]), datagrams(Array.from({ length: 128 }, () => 300)), datagrams([400, 500, 600])];
  const onSealLimit = (): void => link.outgoing.next(bursts[1] as Burst);
  const outgoing = { next: (burst: Burst) => outbox.add(burst) };
  const link = sealedLink(
    { incoming: NEVER, outgoing, memory: outbox.memory },
    withSealLimit(carry, { sealLimit: 1, onSealLimit }),
  );
  link.outgoing.next(bursts[0] as Burst);
  link.outgoing.next(bursts[2] as Burst);
  outbox.flush();
  const packets = system.sent.map(([, packet]) => packet).sort((a, b) => a.length - b.length);
  expect(shape(packets)).toEqual(shape(bursts.flat().sort((a, b) => a.length - b.length)));
});

test('what waits is tried once more when the socket is closed, and nothing is sent after that', () => {
  system.room = 0;
  outbox.add(datagrams([1, 2]));
  outbox.flush();
  system.room = 1;
  outbox.close();
  expect(system.sent.length).toBe(1);
  system.room = 10;
  outbox.add(datagrams([3]));
  outbox.flush();
  outbox.resume();
  expect(system.sent.length).toBe(1);
});
