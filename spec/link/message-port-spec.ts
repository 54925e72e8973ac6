import { once } from 'node:events';
import { MessageChannel, type MessagePort, Worker } from 'node:worker_threads';
import { firstValueFrom, lastValueFrom, map, scan } from 'rxjs';
import { type Burst, messagePortLink, resetSnmp, snmp } from 'rxkcp';
import { afterEach, describe, expect, test } from 'vitest';
import { bundleForBrowser } from '../support/bundle.ts';
import { text, words } from '../support/marbles.ts';
import { open } from '../support/sessions.ts';

const ports: MessagePort[] = [];

function channel(): [MessagePort, MessagePort] {
  const { port1, port2 } = new MessageChannel();
  ports.push(port1, port2);
  return [port1, port2];
}

afterEach(() => {
  for (const port of ports.splice(0)) port.close();
});

/** Until everything that was posted has arrived. */
const arrived = () => new Promise((resolve) => setTimeout(resolve, 20));

describe('a link over a MessagePort', () => {
  test('carries a session', async () => {
    const [near, far] = channel();
    const [a, b] = [open(messagePortLink(near)), open(messagePortLink(far))];
    b.subscribe(b);
    const echo = firstValueFrom(a.pipe(map((message) => message.length)));
    await a.send(new Uint8Array(100_000));
    await expect(echo).resolves.toBe(100_000);
    a.close();
  });

  test('carries a session to a worker thread', async () => {
    const [near, far] = channel();
    const { code } = await bundleForBrowser(
      `import { workerData } from 'node:worker_threads';
      import { map } from 'rxjs';
      import { connect, messagePortLink } from 'rxkcp';
      connect({ link: messagePortLink(workerData), conv: 1 }).subscribe((session) => {
        session.pipe(map((message) => message.slice().reverse())).subscribe(session);
      });`,
      { format: 'cjs', external: ['node:worker_threads'] },
    );
    const thread = new Worker(code, { eval: true, workerData: far, transferList: [far] });
    const session = open(messagePortLink(near));
    session.next(text('over there'));
    await expect(firstValueFrom(session)).resolves.toEqual(text('ereht revo'));
    const exit = once(thread, 'exit');
    session.close();
    // The thread has nothing left that keeps it.
    await expect(exit).resolves.toEqual([0]);
  });

  test('keeps bursts as bursts, in order, and the bytes of its caller', async () => {
    const [near, far] = channel();
    const seen: string[] = [];
    const subscription = messagePortLink(far).incoming.subscribe((burst) => seen.push(burst.map(words).join(' ')));
    const slab = text('abcdef');
    const burst = [slab.subarray(0, 2), slab.subarray(2, 3), slab.subarray(3)];
    const { outgoing } = messagePortLink(near);
    outgoing.next(burst);
    outgoing.next([text('next')]);
    await arrived();
    expect(seen).toEqual(['ab c def', 'next']);
    expect(burst.map(words)).toEqual(['ab', 'c', 'def']);
    subscription.unsubscribe();
  });

  test('transfers a buffer for each burst, which all its datagrams are views of', async () => {
    const [near, far] = channel();
    const bursts = firstValueFrom(messagePortLink(far).incoming);
    messagePortLink(near).outgoing.next([text('ab'), text('cd')]);
    const [first, second] = await bursts;
    expect(first?.buffer).toBe(second?.buffer);
    expect(first?.buffer.byteLength).toBe(4);
  });

  test('has what came before it was listened to', async () => {
    const [near, far] = channel();
    const { outgoing } = messagePortLink(near);
    outgoing.next([text('early')]);
    await arrived();
    await expect(firstValueFrom(messagePortLink(far).incoming)).resolves.toEqual([text('early')]);
  });

  test('drops and counts what is no datagram', async () => {
    const [near, far] = channel();
    resetSnmp();
    const seen: Burst[] = [];
    messagePortLink(far).incoming.subscribe((burst) => seen.push(burst));
    const junk = [
      undefined,
      'hello',
      { data: 1 },
      [],
      [text('a'), 7, text('b')],
      [new Uint8Array(1501)],
      [[text('c')]],
    ];
    for (const message of junk) near.postMessage(message);
    await arrived();
    expect(seen).toEqual([[text('a'), text('b')]]);
    expect(snmp().InErrs).toBe(6);
  });

  test('ends the peer with the port: closing a session closes it', async () => {
    const [near, far] = channel();
    const [a, b] = [open(messagePortLink(near)), open(messagePortLink(far))];
    const end = firstValueFrom(b.closed$);
    a.close();
    await expect(end).resolves.toEqual({ reason: 'peer' });
  });

  test('delivers all of a session that completes', async () => {
    const [near, far] = channel();
    const [a, b] = [open(messagePortLink(near)), open(messagePortLink(far))];
    const whole = lastValueFrom(b.pipe(scan((bytes, message) => bytes + message.length, 0)));
    for (let i = 0; i < 50; i++) a.next(new Uint8Array(10_000));
    a.complete();
    await expect(whole).resolves.toBe(500_000);
  });
});
