// Who waits while more comes than can be handled.

import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { type Address, type Hub, refusals, resetRefusals, udpHub } from 'rxkcp';
import { beforeEach, describe, expect, test } from 'vitest';
import { StrangerGate } from '../../../src/link/udp/stranger-gate.ts';
import type { Cleanup } from '../../interop/support/cleanup.ts';
import { eventually } from '../../support/eventually.ts';
import { describeLinks } from '../../support/native.ts';

beforeEach(() => resetRefusals());

describe('a gate', () => {
  test('lets everyone in while wake-ups take less than they could, whatever the hour', () => {
    const gate = new StrangerGate();
    for (let now = 0; now < 100; now += 10) {
      gate.wakeUp(now % 20 === 0, now);
      for (let i = 0; i < 100; i++) expect([gate.answers(), gate.reads()]).toEqual([true, true]);
    }
    expect(refusals().strangersDropped).toBe(0);
  });

  test('answers one stranger per wake-up after 1 ms of full ones, and reads one after 5 ms; one that is not full opens it', () => {
    const gate = new StrangerGate();
    /** How many of ten are answered, and read. */
    const letIn = (hasMore: boolean, now: number): number[] => {
      gate.wakeUp(hasMore, now);
      const of = (lets: () => boolean): number => Array.from({ length: 10 }, lets).filter(Boolean).length;
      return [of(() => gate.answers()), of(() => gate.reads())];
    };
    expect(letIn(true, 100)).toEqual([10, 10]);
    expect(letIn(true, 100.9)).toEqual([10, 10]);
    expect(letIn(true, 101)).toEqual([1, 10]);
    expect(letIn(true, 104.9)).toEqual([1, 10]);
    expect(letIn(true, 105)).toEqual([1, 1]);
    expect(letIn(true, 200)).toEqual([1, 1]);
    expect(refusals().strangersDropped).toBe(54);
    expect(letIn(false, 200.1)).toEqual([10, 10]);
    expect(letIn(true, 200.2)).toEqual([10, 10]);
  });
});

const STRANGERS = 40;
const EACH = 20;
/** A client. */
const CLIENT = 255;

describeLinks(() => {
  /** What of a line of 800 datagrams of strangers, and 40 of a client in between, reaches whoever takes a millisecond for each burst. */
  async function readFrom(hasSession: boolean, cleanup: Cleanup): Promise<{ strangers: number; client: number }> {
    const hub = await new Promise<Hub>((resolve, error) => {
      const opening = udpHub({ host: '127.0.0.1', port: 0 }).subscribe({ next: resolve, error });
      cleanup(() => opening.unsubscribe());
    });
    const sockets = await Promise.all(Array.from({ length: STRANGERS + 1 }, () => connected(hub.local, cleanup)));
    const client = sockets.pop() as Socket;
    let read = { strangers: 0, client: 0 };
    const reading = hub.incoming.subscribe(({ peer, burst }) => {
      const isClient = peer.port === client.address().port;
      if (burst[0]?.[0] === 0 && isClient && hasSession) hub.priority?.add(peer);
      read[isClient ? 'client' : 'strangers'] += burst.length;
      const until = performance.now() + 1;
      while (performance.now() < until);
    });
    cleanup(() => reading.unsubscribe());
    client.send(Uint8Array.of(0));
    await eventually(() => expect(read.client).toBe(1));
    read = { strangers: 0, client: 0 };
    resetRefusals();
    // Nothing is read until this is over.
    for (let round = 0; round < EACH; round++) {
      for (const [index, socket] of sockets.entries()) {
        socket.send(Uint8Array.of(1));
        if (index % 20 === 0) client.send(Uint8Array.of(CLIENT));
      }
    }
    await eventually(() => expect(read.client).toBe(2 * EACH));
    await eventually(() => expect(read.strangers + refusals().strangersDropped).toBe(STRANGERS * EACH));
    return read;
  }

  test('a client with a session goes before strangers, of whom few are read', async ({ onTestFinished }) => {
    const read = await readFrom(true, onTestFinished);
    expect(read.client).toBe(2 * EACH);
    expect(read.strangers).toBeLessThan((STRANGERS * EACH) / 2);
    expect(read.strangers).toBeGreaterThan(0);
  });

  test('where nobody has a session, all are read', async ({ onTestFinished }) => {
    const read = await readFrom(false, onTestFinished);
    expect(read).toEqual({ strangers: STRANGERS * EACH, client: 2 * EACH });
  });
});

async function connected(to: Address, cleanup: Cleanup): Promise<Socket> {
  const socket = createSocket('udp4');
  cleanup(() => void socket.close());
  socket.connect(to.port, to.address);
  await once(socket, 'connect');
  return socket;
}
