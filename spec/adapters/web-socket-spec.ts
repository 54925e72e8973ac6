import { EMPTY, NEVER, of, Subject, throwError } from 'rxjs';
import {
  connect,
  InvalidMessageError,
  listen,
  MessageTooLargeError,
  memoryPair,
  OptionError,
  SendQueueFullError,
  type Session,
} from 'rxkcp';
import {
  type PeerCloseEvent,
  type PeerErrorEvent,
  SessionSocket,
  type SocketOptions,
  toWebSocket,
} from 'rxkcp/adapters';
import { VirtualScheduler } from 'rxkcp/testing';
import { describe, expect, test } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { text } from '../support/marbles.ts';
import { open, pair } from '../support/sessions.ts';

/** What `socket` dispatches from now on: messages, and the names of all else with what they say. */
function heardBy(socket: SessionSocket): unknown[] {
  const heard: unknown[] = [];
  socket.onopen = () => heard.push('open');
  socket.onmessage = ({ data }) => heard.push(data);
  socket.onerror = ({ message }) => heard.push(`error: ${message}`);
  socket.onclose = ({ code, wasClean }) => heard.push(`close: ${code} ${wasClean}`);
  return heard;
}

function sockets(options: SocketOptions = { messages: 'text' }): {
  near: SessionSocket;
  far: SessionSocket;
  a: Session;
  b: Session;
} {
  const [a, b] = pair();
  return { a, b, near: toWebSocket(a, options), far: toWebSocket(b, options) };
}

describe('a session as a WebSocket', () => {
  test('opens, carries text both ways, and closes', async () => {
    const { near, far } = sockets();
    const [heard, answers] = [heardBy(far), heardBy(near)];
    expect(near.readyState).toBe(SessionSocket.CONNECTING);
    expect(() => near.send('early')).toThrow(expect.objectContaining({ name: 'InvalidStateError' }));
    far.addEventListener('message', (event) => far.send(`heard ${(event as MessageEvent).data}`));
    near.addEventListener('open', () => near.send('grüß dich'));
    await eventually(() => expect(answers).toEqual(['open', 'heard grüß dich']));
    expect([near.readyState, near.OPEN]).toEqual([1, 1]);
    near.close(1000, 'done');
    expect(near.readyState).toBe(SessionSocket.CLOSING);
    near.send('nobody hears this');
    await eventually(() => expect(answers).toEqual(['open', 'heard grüß dich', 'close: 1000 true']));
    await eventually(() => expect(heard).toEqual(['open', 'grüß dich', 'close: 1000 true']));
    expect([near.readyState, far.readyState]).toEqual([3, 3]);
    near.close();
  });

  test.each(['blob', 'arraybuffer'] as const)('gives binary messages as %s', async (type) => {
    const { near, far } = sockets({});
    const heard: unknown[] = [];
    far.binaryType = type;
    far.binaryType = 'nodebuffer' as never;
    expect(far.binaryType).toBe(type);
    far.onmessage = ({ data }) => heard.push(data);
    near.onopen = () => {
      near.send('text');
      near.send(Uint8Array.of(1, 2));
      near.send(new Uint16Array([513]));
      near.send(Uint8Array.of(5).buffer);
    };
    await eventually(() => expect(heard).toHaveLength(4));
    const bytes = await Promise.all(
      heard.map(async (data) => [
        ...new Uint8Array(data instanceof Blob ? await data.arrayBuffer() : (data as ArrayBuffer)),
      ]),
    );
    expect(heard.every((data) => (type === 'blob' ? data instanceof Blob : data instanceof ArrayBuffer))).toBe(true);
    expect(bytes).toEqual([[...text('text')], [1, 2], [1, 2], [5]]);
    near.close();
  });

  test('sends Blobs in their turn, and before it closes', async () => {
    const { near, far } = sockets();
    const heard = heardBy(far);
    near.onopen = () => {
      near.send(new Blob(['one ', 'blob']));
      const reused = text('between');
      near.send(reused);
      reused.fill(0);
      near.send(new Blob(['another']));
      expect(near.bufferedAmount).toBe(22);
      near.close();
    };
    await eventually(() => expect(heard).toEqual(['open', 'one blob', 'between', 'another', 'close: 1000 true']));
    expect(near.bufferedAmount).toBe(0);
  });

  test('refuses what is empty or too large at once, also Blobs and what waits for one', async () => {
    const { a, near, far } = sockets();
    const heard = heardBy(far);
    await new Promise((resolve) => near.addEventListener('open', resolve));
    for (const wrap of [(text: string) => new Blob([text]), (text: string) => text]) {
      expect(() => near.send(wrap(''))).toThrow(InvalidMessageError);
      expect(() => near.send(wrap('x'.repeat(a.messageMax + 1)))).toThrow(MessageTooLargeError);
      near.send(new Blob(['good']));
    }
    expect(near.bufferedAmount).toBe(8);
    near.close();
    await eventually(() => expect(heard).toEqual(['open', 'good', 'good', 'close: 1000 true']));
  });

  test('keeps a byte order mark', async () => {
    const { near, far } = sockets();
    const heard = heardBy(far);
    near.onopen = () => near.send('\ufeffmarked');
    await eventually(() => expect(heard).toEqual(['open', '\ufeffmarked']));
    near.close();
  });

  test('counts what waits', async () => {
    const [a, b] = pair({ sendWindow: 1 });
    const near = toWebSocket(a);
    await new Promise((resolve) => near.addEventListener('open', resolve));
    for (let i = 0; i < 5; i++) near.send('12345');
    expect(near.bufferedAmount).toBeGreaterThanOrEqual(15);
    b.subscribe();
    b.messages$.subscribe();
    await eventually(() => expect(near.bufferedAmount).toBe(0));
    near.close();
  });

  test('what is no UTF-8 ends a socket of text', async () => {
    const { a, far } = sockets();
    const heard = heardBy(far);
    a.next(Uint8Array.of(0xff));
    await eventually(() => expect(heard).toEqual(['open', expect.stringMatching(/^error: /), 'close: 1006 false']));
    a.close();
  });

  test('tells of a failure, and then of the end', async () => {
    const { a, b, near } = sockets();
    const events: Event[] = [];
    for (const type of ['error', 'close']) near.addEventListener(type, (event) => events.push(event));
    await new Promise((resolve) => near.addEventListener('open', resolve));
    const failure = new Error('enough');
    a.error(failure);
    await eventually(() => expect(events).toHaveLength(2));
    expect((events[0] as PeerErrorEvent).error).toBe(failure);
    expect(events[1]).toMatchObject({ type: 'close', code: 1006, reason: 'enough', wasClean: false });
    expect((events[1] as PeerCloseEvent).end).toEqual({ reason: 'failed', error: failure });
    b.close();
  });

  test('tells of a peer that vanishes, also at a server, where the messages of the session complete', async () => {
    const scheduler = new VirtualScheduler();
    const [alone] = memoryPair();
    const session = open(alone, { scheduler, peerLoss: 'complete', idleTimeout: 1000 });
    const heard = heardBy(toWebSocket(session));
    await eventually(() => expect(heard).toEqual(['open']));
    scheduler.run(2000);
    await eventually(() => expect(heard).toEqual(['open', expect.stringMatching(/silent/), 'close: 1006 false']));
  });

  test('throws for a message too large, and goes on; fails when more waits than may', async () => {
    const [a, b] = pair({ sendQueueBytes: 1000, sendWindow: 1 });
    const near = toWebSocket(a);
    await new Promise((resolve) => near.addEventListener('open', resolve));
    expect(() => near.send(new Uint8Array(a.messageMax + 1))).toThrow(MessageTooLargeError);
    expect(() => near.send('')).toThrow('at least 1 byte');
    let error: unknown;
    near.onerror = (event) => (error = event.error);
    for (let i = 0; i < 10; i++) near.send(new Uint8Array(500));
    await eventually(() => expect(error).toBeInstanceOf(SendQueueFullError));
    b.close();
  });

  describe('of an Observable', () => {
    test('dials, and takes the first session', async () => {
      let port = 0;
      const server = listen({ host: '127.0.0.1', port: 0, onListening: (local) => (port = local.port) }).subscribe(
        (session) => session.subscribe(session),
      );
      await eventually(() => expect(port).toBeGreaterThan(0));
      const socket = toWebSocket(connect({ host: '127.0.0.1', port }), { messages: 'text' });
      const heard = heardBy(socket);
      expect(socket.url).toBe('');
      socket.addEventListener('open', () => socket.send('over UDP'));
      await eventually(() => expect(heard).toEqual(['open', 'over UDP']));
      expect(socket.url).toBe(`kcp://127.0.0.1:${port}`);
      socket.close();
      await eventually(() => expect(heard.at(-1)).toBe('close: 1000 true'));
      server.unsubscribe();
    });

    test.each([
      ['fails', throwError(() => new Error('no route')), 'error: no route'],
      ['completes', EMPTY, 'error: there was no session'],
    ])('that %s: error, then close', async (_, sessions, error) => {
      const heard = heardBy(toWebSocket(sessions));
      await eventually(() => expect(heard).toEqual([error, 'close: 1006 false']));
    });

    test('that is closed before it is open: gives up', async () => {
      const sessions = new Subject<Session>();
      const socket = toWebSocket(sessions);
      const heard = heardBy(socket);
      socket.close();
      expect(socket.readyState).toBe(SessionSocket.CLOSING);
      await eventually(() => expect(heard).toEqual(['error: closed before it was open', 'close: 1006 false']));
      expect(sessions.observed).toBe(false);
    });

    test('closed between the session and its opening: the session is closed', async () => {
      const [a, b] = pair();
      const socket = toWebSocket(of(a));
      socket.close();
      await eventually(() => expect(socket.readyState).toBe(SessionSocket.CLOSED));
      await eventually(() => expect(a.closed).toBe(true));
      b.close();
    });

    test('closes other sessions, and lets go of the Observable at the end', async () => {
      const [[a], [b]] = [pair(), pair()];
      const sessions = new Subject<Session>();
      const socket = toWebSocket(sessions);
      sessions.next(a);
      sessions.next(b);
      expect([a.closed, b.closed]).toEqual([false, true]);
      await new Promise((resolve) => socket.addEventListener('open', resolve));
      socket.close();
      await eventually(() => expect(socket.readyState).toBe(SessionSocket.CLOSED));
      expect(sessions.observed).toBe(false);
    });

    test('a stream of bytes is an error', async () => {
      const [a, b] = pair({ stream: true });
      const heard = heardBy(toWebSocket(of(a)));
      await eventually(() => expect(heard[0]).toMatch(/^error: option stream must be false/));
      a.close();
      b.close();
    });
  });

  test('checks code and reason as a WebSocket does', () => {
    const { near, far } = sockets();
    for (const code of [0, 999, 1001, 2999, 5000, Number.NaN]) {
      expect(() => near.close(code)).toThrow(expect.objectContaining({ name: 'InvalidAccessError' }));
    }
    expect(() => near.close(1000, 'x'.repeat(124))).toThrow(expect.objectContaining({ name: 'SyntaxError' }));
    near.close(4999, 'x'.repeat(123));
    far.close();
  });

  test('refuses wrong arguments', () => {
    const [a, b] = pair({ stream: true });
    expect(() => toWebSocket(a)).toThrow('option stream must be false');
    expect(() => toWebSocket(7 as never)).toThrow(OptionError);
    expect(() => toWebSocket(NEVER, { messages: 'json' as never })).toThrow(
      "option messages must be 'binary' or 'text'",
    );
    expect(() => toWebSocket(NEVER, { message: 'text' } as never)).toThrow('did you mean messages?');
    a.close();
    b.close();
  });
});
