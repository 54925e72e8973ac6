// Nothing is left of a session that has ended: no socket, no timer, no subscription, no memory.
// (Ten thousand of them over UDP: bench/memory/churn.ts.)

import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { firstValueFrom, type Observable, Subject, type Subscription } from 'rxjs';
import { type Address, type Burst, connect, type Link, listen, memoryNetwork, type Session, snmp } from 'rxkcp';
import { toDuplex } from 'rxkcp/node';
import { toWebStreams } from 'rxkcp/streams';
import { expect, test } from 'vitest';
import { eventually } from '../support/eventually.ts';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** (What the session fails with is no concern of an echo.) */
const echo = (session: Session): void => {
  session.subscribe({ next: (message) => session.next(message), error: () => {} });
};

/** How clients leave. */
const ways: ((session: Session) => void)[] = [
  (session) => session.close(),
  (session) => session.error(new Error('no more')),
  (session) =>
    void toDuplex(session)
      .on('error', () => {})
      .destroy(new Error('no more')),
  (session) =>
    void toWebStreams(session)
      .writable.abort('no more')
      .catch(() => {}),
];

/** All but the last, which takes its time. */
const AT_ONCE = ways.length - 1;

/** Sockets and timers that the event loop knows of. */
const resources = (): string[] => process.getActiveResourcesInfo().filter((name) => /^(UDPWrap|Timeout)$/.test(name));

/** A client that has one message echoed, and leaves in way `number`. Resolves when it is gone. */
function visit(dial: () => Observable<Session>, number: number): Promise<void> {
  return new Promise((resolve, reject) => {
    dial().subscribe({
      next: async (session) => {
        session.next(Uint8Array.of(number));
        await firstValueFrom(session);
        session.subscribe({ error: () => {} });
        ways[number % ways.length]?.(session);
      },
      error: reject,
      complete: resolve,
    });
  });
}

test('over UDP: hundreds of sessions leave no socket, no timer and no session', async () => {
  const before = resources();
  let server: Subscription | undefined;
  const port = await new Promise<number>((resolve, error) => {
    const onListening = (local: Address): void => resolve(local.port);
    server = listen({ port: 0, host: '127.0.0.1', mode: 'fast3', onListening }).subscribe({ next: echo, error });
  });
  for (let done = 0; done < 200; done += 50) {
    await Promise.all(Array.from({ length: 50 }, (_, i) => visit(() => connect({ port, mode: 'fast3' }), done + i)));
  }
  // They have told the server.
  await eventually(() => expect(snmp().CurrEstab).toBe(0));
  server?.unsubscribe();
  expect(snmp().CurrEstab).toBe(0);
  // Sockets close a moment later.
  for (let i = 0; i < 100 && resources().includes('UDPWrap'); i++) await sleep(10);
  expect(resources()).not.toContain('UDPWrap');
  expect(resources().length).toBeLessThanOrEqual(before.length);
});

test('in memory: thousands of sessions leave nothing in use', async () => {
  const round = async (): Promise<number> => {
    const { hub, link } = memoryNetwork();
    const live = new Set<Session>();
    const server = listen({ link: hub, mode: 'fast3' }).subscribe((session) => {
      live.add(session);
      echo(session);
    });
    for (let i = 0; i < 1000; i += 50) {
      const dial = (): Observable<Session> => connect({ link: link(), mode: 'fast3' });
      await Promise.all(Array.from({ length: 50 }, (_, j) => visit(dial, j % AT_ONCE)));
      for (const session of live) session.close();
      live.clear();
    }
    // It remembers for a while whom it has served.
    server.unsubscribe();
    await sleep(20);
    collectGarbage();
    const { heapUsed, external } = process.memoryUsage();
    return heapUsed + external;
  };
  await round();
  const before = await round();
  await round();
  const each = ((await round()) - before) / 2000;
  // A session that is kept weighs thousands.
  expect(each).toBeLessThan(500);
});

test('a session that has ended is subscribed to nothing, and nobody is left subscribed to it', async () => {
  for (const leave of ways) {
    const incoming = new Subject<Burst>();
    const outgoing = new Subject<Burst>();
    const subscription = connect({ link: { incoming, outgoing } satisfies Link }).subscribe((session) => {
      session.subscribe({ error: () => {} });
      leave(session);
    });
    await eventually(() => expect(subscription.closed).toBe(true));
    expect(incoming.observed).toBe(false);
  }
});
