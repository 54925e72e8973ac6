// Explicit resource management, and signals: what ends with a block or a signal.

import { connect, listen, OptionError, type Session } from 'rxkcp';
import { mux } from 'rxkcp/mux';
import { describe, expect, test } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { text, words } from '../support/marbles.ts';
import { pair } from '../support/sessions.ts';

describe('await using', () => {
  test('a session: sends what is queued, and waits for its end', async () => {
    const [a, b] = pair({ sendWindow: 1 });
    const heard: string[] = [];
    b.subscribe((message) => heard.push(words(message)));
    {
      await using session = a;
      session.next(text('one'));
      session.next(text('two'));
    }
    expect(a.closed).toBe(true);
    expect(heard).toEqual(['one', 'two']);
  });

  test('a session that has ended, also by an error: does nothing, and does not reject', async () => {
    const [a, b] = pair();
    a.error(new Error('enough'));
    await a[Symbol.asyncDispose]();
    await a[Symbol.asyncDispose]();
    b.close();
  });

  test('an error in the block gets through', async () => {
    const [a, b] = pair();
    const failure = new Error('in the block');
    await expect(
      (async () => {
        await using session = a;
        session.next(text('x'));
        throw failure;
      })(),
    ).rejects.toBe(failure);
    expect(a.closed).toBe(true);
    b.close();
  });

  test('a stream of the mux: ends when the peer has finished, too', async () => {
    const [a, b] = pair({ stream: true });
    const [client, server] = [mux(a, { role: 'client' }), mux(b, { role: 'server' })];
    const heard: string[] = [];
    server.streams$.subscribe((stream) =>
      stream.subscribe({ next: (bytes) => heard.push(words(bytes)), complete: () => stream.complete() }),
    );
    {
      await using stream = client.open();
      stream.next(text('hello'));
    }
    expect(heard).toEqual(['hello']);
    client.close();
    a.close();
    b.close();
  });
});

describe('signal', () => {
  interface Running {
    readonly port: number;
    readonly sessions: Session[];
    readonly errors: unknown[];
    readonly abort: (reason?: unknown) => void;
  }

  async function server(): Promise<Running> {
    const controller = new AbortController();
    const sessions: Session[] = [];
    const errors: unknown[] = [];
    let port = 0;
    listen({
      host: '127.0.0.1',
      port: 0,
      signal: controller.signal,
      onListening: (local) => (port = local.port),
    }).subscribe({
      next: (session) => {
        sessions.push(session);
        session.subscribe(session);
      },
      error: (error) => errors.push(error),
    });
    await eventually(() => expect(port).toBeGreaterThan(0));
    return { port, sessions, errors, abort: (reason) => controller.abort(reason) };
  }

  test('of listen: closes the socket and all sessions, and fails with the reason', async () => {
    const running = await server();
    const client = connect({ port: running.port, mode: 'fast3' }).subscribe((session) => session.next(text('x')));
    await eventually(() => expect(running.sessions).toHaveLength(1));
    const reason = new Error('shutting down');
    running.abort(reason);
    expect(running.errors).toEqual([reason]);
    expect(running.sessions[0]?.closed).toBe(true);
    client.unsubscribe();
    // The port is free again.
    const again = new AbortController();
    let isBound = false;
    listen({
      host: '127.0.0.1',
      port: running.port,
      signal: again.signal,
      onListening: () => (isBound = true),
    }).subscribe({
      error: () => {},
    });
    await eventually(() => expect(isBound).toBe(true));
    again.abort();
  });

  test('of connect: closes the session, and fails with the reason', async () => {
    const running = await server();
    const controller = new AbortController();
    const errors: unknown[] = [];
    let session: Session | undefined;
    connect({ port: running.port, signal: controller.signal }).subscribe({
      next: (opened) => (session = opened),
      error: (error) => errors.push(error),
    });
    await eventually(() => expect(session).toBeDefined());
    controller.abort();
    expect(session?.closed).toBe(true);
    expect(errors).toEqual([controller.signal.reason]);
    running.abort();
  });

  test('that is aborted already: fails at once, and opens nothing', () => {
    const reason = new Error('too late');
    const signal = AbortSignal.abort(reason);
    const errors: unknown[] = [];
    connect({ port: 1, signal }).subscribe({ error: (error) => errors.push(error) });
    listen({ port: 0, signal }).subscribe({ error: (error) => errors.push(error) });
    expect(errors).toEqual([reason, reason]);
  });

  test('that outlives the session keeps no listener', async () => {
    const running = await server();
    const controller = new AbortController();
    let listeners = 0;
    const { addEventListener, removeEventListener } = controller.signal;
    Object.assign(controller.signal, {
      addEventListener(...given: Parameters<typeof addEventListener>) {
        listeners++;
        addEventListener.apply(controller.signal, given);
      },
      removeEventListener(...given: Parameters<typeof removeEventListener>) {
        listeners--;
        removeEventListener.apply(controller.signal, given);
      },
    });
    let isOver = false;
    connect({ port: running.port, signal: controller.signal }).subscribe({
      next: (session) => session.close(),
      complete: () => (isOver = true),
    });
    await eventually(() => expect(isOver).toBe(true));
    expect(listeners).toBe(0);
    running.abort();
  });

  test('that is none is refused', () => {
    expect(() => connect({ port: 1, signal: {} as never })).toThrow(OptionError);
    expect(() => listen({ port: 1, signal: 'abort' as never })).toThrow('option signal must be an AbortSignal');
  });
});
