// Each misuse has one outcome, the documented one (docs/sessions.md, "Misuse").

import { once } from 'node:events';
import { EMPTY, firstValueFrom, lastValueFrom, map, repeat, type Subscription, tap, toArray } from 'rxjs';
import {
  type Address,
  AddressInUseError,
  aesGcm,
  type ConnectOptions,
  connect,
  deriveKey,
  LinkInUseError,
  type ListenOptions,
  listen,
  MessageTooLargeError,
  MODES,
  memoryNetwork,
  memoryPair,
  OptionError,
  type Session,
  SessionClosedError,
  type SessionEnd,
  snmp,
  UnknownOptionError,
} from 'rxkcp';
import { toDuplex } from 'rxkcp/node';
import { decodeFrames, decodeLines, rateLimit } from 'rxkcp/operators';
import { toWebStreams } from 'rxkcp/streams';
import { impair, pair as virtualPair } from 'rxkcp/testing';
import { afterEach, describe, expect, test } from 'vitest';
import { Slab } from '../../src/bytes/slab.ts';
import { eventually } from '../support/eventually.ts';
import { freePort } from '../support/free-port.ts';
import { text, words } from '../support/marbles.ts';
import { open, pair } from '../support/sessions.ts';

const kept: Subscription[] = [];
afterEach(async () => {
  for (const subscription of kept.splice(0)) subscription.unsubscribe();
  await eventually(() => expect(process.getActiveResourcesInfo()).not.toContain('UDPWrap'));
});

/** A server for the time of a test; resolves with its address. */
function serve(
  options: ListenOptions,
  handle: (session: Session) => void = (session) => session.subscribe(session),
): Promise<Address> {
  return new Promise((onListening, error) => {
    kept.push(listen({ ...options, onListening }).subscribe({ next: handle, error }));
  });
}

/** A session for the time of a test. */
function dial(options: ConnectOptions): Promise<Session> {
  return new Promise((resolve, error) => {
    kept.push(connect({ mode: 'fast3', ...options }).subscribe({ next: resolve, error }));
  });
}

const endOf = (session: Session): Promise<SessionEnd> => firstValueFrom(session.closed$);
const failureOf = (subscribe: (error: (error: unknown) => void) => Subscription): Promise<unknown> =>
  new Promise((resolve) => kept.push(subscribe(resolve)));

describe('subscribing twice', () => {
  test('to connect: each subscription is a session of its own, with a socket and a conversation of its own', async () => {
    const { port } = await serve({ port: 0, host: '127.0.0.1' });
    const dialling = connect({ port });
    const sessions = await Promise.all(
      [0, 1].map(() => new Promise<Session>((resolve) => kept.push(dialling.subscribe(resolve)))),
    );
    const [a, b] = sessions as [Session, Session];
    expect(a).not.toBe(b);
    expect(a.conv).not.toBe(b.conv);
    expect(a.local?.port).not.toBe(b.local?.port);
    kept[1]?.unsubscribe();
    expect([a.closed, b.closed]).toEqual([true, false]);
  });

  test('to connect on a link of your own: LinkInUseError, and the session that is there goes on', async () => {
    const [left, right] = memoryPair();
    const b = open(right, { conv: 7 });
    const dialling = connect({ link: left, conv: 7 });
    const a = await firstSession(dialling);
    await expect(failureOf((error) => dialling.subscribe({ error }))).resolves.toEqual(new LinkInUseError());
    a.next(text('still here'));
    await expect(firstValueFrom(b.pipe(map(words)))).resolves.toBe('still here');
    // Once that has ended, the link is free: repeat() and retry() work.
    a.close();
    await expect(firstSession(dialling)).resolves.toMatchObject({ closed: false });
    let sessions = 0;
    const again = connect({ link: memoryPair()[0] }).pipe(
      repeat({ count: 3 }),
      tap((session) => session.close()),
    );
    again.subscribe(() => sessions++);
    expect(sessions).toBe(3);
  });

  test('to listen on a hub of your own: LinkInUseError, and the server that is there goes on', async () => {
    const { hub, link } = memoryNetwork();
    const listening = listen({ link: hub });
    const server = listening.subscribe((session) => session.subscribe(session));
    await expect(failureOf((error) => listening.subscribe({ error }))).resolves.toEqual(new LinkInUseError());
    const session = await dial({ link: link() });
    session.next(text('echo'));
    await expect(firstValueFrom(session.pipe(map(words)))).resolves.toBe('echo');
    server.unsubscribe();
    kept.push(listening.subscribe());
  });

  test('to listen on a port: AddressInUseError, and the server that is there goes on', async () => {
    const { port } = await serve({ port: 0, host: '127.0.0.1' });
    const again = listen({ port, host: '127.0.0.1' });
    await expect(lastValueFrom(again)).rejects.toThrow(AddressInUseError);
    const session = await dial({ port });
    session.next(text('echo'));
    await expect(firstValueFrom(session.pipe(map(words)))).resolves.toBe('echo');
  });

  test('to a session: every subscriber gets every message', () => {
    const [a, b] = pair();
    const seen: string[] = [];
    for (const name of ['x', 'y']) b.subscribe((message) => seen.push(name + words(message)));
    a.next(text('1'));
    expect(seen).toEqual(['x1', 'y1']);
  });
});

/** Kept for the time of the test. */
function firstSession(dialling: ReturnType<typeof connect>): Promise<Session> {
  return new Promise((resolve, error) => kept.push(dialling.subscribe({ next: resolve, error })));
}

describe('sending what cannot be sent', () => {
  test('after complete: next is ignored, send rejects with SessionClosedError, and what came before arrives', async () => {
    const [a, b] = pair();
    const seen: string[] = [];
    b.subscribe((message) => seen.push(words(message)));
    a.next(text('before'));
    a.complete();
    a.next(text('after'));
    a.complete();
    await expect(a.send(text('after'))).rejects.toThrow(SessionClosedError);
    await expect(endOf(a)).resolves.toEqual({ reason: 'completed' });
    expect(seen).toEqual(['before']);
  });

  test('too large: send rejects with MessageTooLargeError and the session lives; next ends it with that', async () => {
    const [a, b] = pair();
    const tooLarge = new Uint8Array(a.messageMax + 1);
    const error = new MessageTooLargeError(350_881, 350_880);
    await expect(a.send(tooLarge)).rejects.toEqual(error);
    const largest = firstValueFrom(b);
    await a.send(tooLarge.subarray(1));
    await expect(largest.then(({ length }) => length)).resolves.toBe(350_880);
    a.next(tooLarge);
    await expect(endOf(a)).resolves.toEqual({ reason: 'failed', error });
  });

  test('of the wrong type: the same', async () => {
    const [a] = pair();
    await expect(a.send('text' as never)).rejects.toThrow(
      'a message must be a Uint8Array of at least 1 byte, got "text"',
    );
    a.next(new ArrayBuffer(1) as never);
    await expect(endOf(a)).resolves.toMatchObject({ reason: 'failed', error: { code: 'ERR_INVALID_MESSAGE' } });
  });
});

describe('unsubscribing early', () => {
  test('from connect or listen before the socket is there: nothing is emitted, and no socket is left', async () => {
    let emitted = 0;
    const count = (): void => void emitted++;
    const opened = snmp().ActiveOpens;
    connect({ port: 4000 }).subscribe(count).unsubscribe();
    listen({ port: 0, onListening: count }).subscribe(count).unsubscribe();
    const during = [connect({ port: 4000 }).subscribe(count), listen({ port: 0, onListening: count }).subscribe(count)];
    // While the address is being resolved.
    await Promise.resolve();
    for (const subscription of during) subscription.unsubscribe();
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(emitted).toBe(0);
    expect(snmp().ActiveOpens).toBe(opened);
  });

  test('from connect, as firstValueFrom does: the session is closed, and says so', async () => {
    const { port } = await serve({ port: 0, host: '127.0.0.1' });
    const session = await firstValueFrom(connect({ port }));
    expect(session.closed).toBe(true);
    await expect(session.send(text('x'))).rejects.toThrow(SessionClosedError);
    await expect(endOf(session)).resolves.toEqual({ reason: 'closed' });
  });

  test('from a session: it lives on, and what comes waits for the next subscriber', () => {
    const [a, b] = pair();
    b.subscribe({}).unsubscribe();
    a.next(text('kept'));
    expect(b.closed).toBe(false);
    const seen: string[] = [];
    b.subscribe((message) => seen.push(words(message)));
    expect(seen).toEqual(['kept']);
  });

  test('from listen: all its sessions are closed, and the port is free', async () => {
    const sessions: Session[] = [];
    const { port } = await serve({ port: await freePort(), host: '127.0.0.1' }, (session) => {
      sessions.push(session);
      session.subscribe(session);
    });
    const client = await dial({ port });
    client.next(text('x'));
    await firstValueFrom(client);
    kept[0]?.unsubscribe();
    expect(sessions.map(({ closed }) => closed)).toEqual([true]);
    await eventually(() => serve({ port, host: '127.0.0.1' }));
  });
});

describe('after close', () => {
  test('subscribing gives the end and nothing else: completion, or what it failed with', async () => {
    const [a, b] = pair();
    a.next(text('unread'));
    b.close();
    await expect(lastValueFrom(b.pipe(toArray()))).resolves.toEqual([]);
    await expect(endOf(a)).resolves.toEqual({ reason: 'peer' });
    const failure = new Error('cable cut');
    const [other] = pair();
    other.error(failure);
    await expect(lastValueFrom(other)).rejects.toBe(failure);
    await expect(endOf(other)).resolves.toEqual({ reason: 'failed', error: failure });
  });

  test('reading in other ways does, too', async () => {
    const [a] = pair();
    a.close();
    await expect(a[Symbol.asyncIterator]().next()).resolves.toEqual({ done: true, value: undefined });
    await expect(toWebStreams(a).readable.getReader().read()).resolves.toEqual({ done: true, value: undefined });
    const stream = toDuplex(a).resume();
    await once(stream, 'close');
    await expect(lastValueFrom(a.snmp$(), { defaultValue: 'none' })).resolves.toBe('none');
  });

  test('sending does nothing, send rejects, and controls are harmless', async () => {
    const [a] = pair();
    a.close();
    a.next(text('x'));
    a.complete();
    a.error(new Error('late'));
    a.pause();
    a.resume();
    a.close();
    a.configure({ sendWindow: 10 });
    expect(a.stats()).toMatchObject({ bytesSent: 0, sendWindow: 10 });
    await expect(a.send(text('x'))).rejects.toThrow(SessionClosedError);
    await expect(endOf(a)).resolves.toEqual({ reason: 'closed' });
  });
});

test('a wrong option is thrown by the call, not by the subscription, and names itself', () => {
  expect(() => connect({ port: 70_000 })).toThrow(new OptionError('port', 70_000, 'an integer from 1 to 65535'));
  expect(() => listen({ port: -1 })).toThrow('option port must be an integer from 0 to 65535, got -1');
  expect(() => connect({ link: EMPTY as never })).toThrow(OptionError);
  const link = { incoming: EMPTY, outgoing: { next: () => {} } };
  for (const [wrong, message] of [
    [{ sendsInOrder: null }, 'option link.sendsInOrder must be true or false, got null'],
    [{ overhead: -1 }, 'option link.overhead must be an integer from 0 to 1500, got -1'],
    [{ memory: {} }, 'option link.memory must be a PacketMemory'],
    [{ memory: new Slab() }, 'option link.sendsInOrder must be true for a link that has memory, got false'],
  ] as const) {
    expect(() => connect({ link: { ...link, ...wrong } as never })).toThrow(message);
  }
});

test('an option that the call does not have is refused by name, with the one that is most like it', () => {
  const link = { incoming: EMPTY, outgoing: { next: () => {} } };
  for (const [attempt, message] of [
    [() => connect({ snedWindow: 4 } as never), 'there is no option snedWindow here; did you mean sendWindow?'],
    [() => connect({ port: 1, maxSessions: 4 } as never), 'there is no option maxSessions here'],
    [() => connect({ link, port: 1 } as never), 'there is no option port here'],
    [() => connect({ link, sendsInOrder: true } as never), 'there is no option sendsInOrder here'],
    [() => listen({ port: 1, conv: 1 } as never), 'there is no option conv here'],
    [
      () => connect({ link, fec: { data: 3, partiy: 1 } } as never),
      'no option fec.partiy here; did you mean fec.parity?',
    ],
    [() => connect({ link, fec: { encod: {} } } as never), 'no option fec.encod here; did you mean fec.encode?'],
    [() => connect({ link, mode: { ...MODES.fast, rsend: 2 } } as never), 'did you mean mode.resend?'],
    [() => listen({ prot: 1 } as never), 'there is no option prot here; did you mean port?'],
    [() => listen({ port: 1, impair: {} } as never), 'there is no option impair here'],
    [() => impair({ los: 0.1 } as never), 'there is no option los here; did you mean loss?'],
    [() => virtualPair({ sead: 1 } as never), 'there is no option sead here; did you mean seed?'],
    [() => rateLimit(1, { bursts: 1 } as never), 'there is no option bursts here; did you mean burst?'],
    [() => decodeFrames({ maxLenght: 1 } as never), 'there is no option maxLenght here; did you mean maxLength?'],
    [() => decodeLines({ max: 1 } as never), 'there is no option max here'],
    [() => aesGcm(new Uint8Array(16), { rnadom: () => {} } as never), 'did you mean random?'],
    [() => deriveKey('x', { iterration: 1 } as never), 'did you mean iterations?'],
  ] as const) {
    expect(attempt).toThrow(UnknownOptionError);
    expect(attempt).toThrow(OptionError);
    expect(attempt).toThrow(message);
  }
  expect(() => connect({ link, snedWindow: undefined } as never)).not.toThrow();
  for (const fec of [{}, [], new Date()]) {
    expect(() => connect({ link, fec } as never)).toThrow('option fec must be { data, parity } or { encode, decode }');
  }
});
