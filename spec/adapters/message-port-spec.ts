import { deserialize, serialize } from 'node:v8';
import { InvalidJsonError, MessageTooLargeError, OptionError, SendQueueFullError, type Session } from 'rxkcp';
import {
  jsonCodec,
  type MessageCodec,
  type PeerCloseEvent,
  type PeerErrorEvent,
  type PeerMessageEvent,
  type SessionPort,
  toMessagePort,
} from 'rxkcp/adapters';
import { describe, expect, test, vi } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { text } from '../support/marbles.ts';
import { pair } from '../support/sessions.ts';

interface Ends {
  readonly a: Session;
  readonly b: Session;
  readonly near: SessionPort;
  readonly far: SessionPort;
}

function ports(codec?: MessageCodec): Ends {
  const [a, b] = pair();
  return { a, b, near: toMessagePort(a, { codec }), far: toMessagePort(b, { codec }) };
}

/** What `port` is told from now on. */
function heardBy(port: SessionPort): unknown[] {
  const heard: unknown[] = [];
  port.addEventListener('message', (event) => heard.push((event as PeerMessageEvent).data));
  port.addEventListener('messageerror', (event) => heard.push((event as PeerErrorEvent).error));
  port.addEventListener('close', (event) => heard.push((event as PeerCloseEvent).code));
  return heard;
}

const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 50));

describe('a session as a MessagePort', () => {
  test('carries values both ways', async () => {
    const { near, far } = ports();
    const answers = vi.fn();
    far.onmessage = ({ data }) => far.postMessage({ echo: data });
    near.onmessage = ({ data, origin, ports: none }) => answers(data, origin, none);
    near.postMessage({ a: [1, 'zwei', null] });
    await eventually(() => expect(answers).toHaveBeenCalledWith({ echo: { a: [1, 'zwei', null] } }, '', []));
    near.close();
  });

  test('reads nothing before start()', async () => {
    const { b, near, far } = ports();
    const heard = heardBy(far);
    near.postMessage(1);
    near.postMessage(2);
    await settled();
    expect(heard).toEqual([]);
    expect(b.stats().unread).toBe(2);
    far.start();
    far.start();
    await eventually(() => expect(heard).toEqual([1, 2]));
    near.close();
  });

  test('a handler can be replaced, and taken away', async () => {
    const { near, far } = ports();
    const [first, second] = [vi.fn(), vi.fn()];
    far.onmessage = first;
    far.onmessage = second;
    expect(far.onmessage).toBe(second);
    near.postMessage(1);
    await eventually(() => expect(second).toHaveBeenCalledTimes(1));
    far.onmessage = null;
    near.postMessage(2);
    await settled();
    expect(far.onmessage).toBeNull();
    expect(first).not.toHaveBeenCalled();
    expect(second).toHaveBeenCalledTimes(1);
    near.close();
  });

  test('tells of the end after the last message', async () => {
    const { near, far } = ports();
    const heard = heardBy(far);
    near.postMessage('last words');
    near.close();
    await settled();
    far.start();
    await eventually(() => expect(heard).toEqual(['last words', 1000]));
    expect(() => near.postMessage('too late')).not.toThrow();
  });

  test('tells of a bad end', async () => {
    const { a, near, far } = ports();
    const heard = heardBy(near);
    const closed = vi.fn();
    near.onclose = closed;
    near.start();
    a.error(new Error('the user has had enough'));
    expect(heard).toEqual([1006]);
    expect(closed.mock.calls[0]?.[0]).toMatchObject({ reason: 'the user has had enough', wasClean: false });
    far.close();
  });

  test('tells of an end by a value that has no text', async () => {
    const { a, near, far } = ports();
    const heard = heardBy(near);
    near.start();
    a.error(Object.create(null));
    expect(heard).toEqual([1006]);
    far.close();
  });

  test('a message that is no JSON is a messageerror, and the port goes on', async () => {
    const { a, near, far } = ports();
    const heard = heardBy(far);
    far.start();
    a.next(text('{'));
    a.next(Uint8Array.of(0xff));
    near.postMessage('still here');
    await eventually(() => expect(heard).toHaveLength(3));
    expect(heard).toEqual([expect.any(InvalidJsonError), expect.any(InvalidJsonError), 'still here']);
    near.close();
  });

  test.each<[string, unknown]>([
    ['a function', () => {}],
    ['undefined', undefined],
    ['binary data', { deep: [new Uint8Array(3)] }],
    ['a Buffer', Buffer.from('x')],
    ['an ArrayBuffer', new ArrayBuffer(2)],
    ['a SharedArrayBuffer', { deep: new SharedArrayBuffer(2) }],
    ['a bigint', 1n],
  ])('refuses %s, which JSON would change', (_, value) => {
    const { near, far } = ports();
    expect(() => near.postMessage(value)).toThrow(InvalidJsonError);
    near.close();
    far.close();
  });

  test('takes a codec, and the ArrayBuffers that it carries', async () => {
    const codec: MessageCodec = { encode: (value) => serialize(value), decode: (message) => deserialize(message) };
    const { near, far } = ports(codec);
    const heard = heardBy(far);
    far.start();
    const bytes = Uint8Array.of(1, 2, 3);
    near.postMessage({ bytes, when: new Date(0) }, [bytes.buffer]);
    near.postMessage(1, { transfer: [bytes.buffer] });
    near.postMessage(2, {});
    near.postMessage(3, null as never);
    near.postMessage(4, new Set([bytes.buffer]) as never);
    await eventually(() => expect(heard).toHaveLength(5));
    expect(heard[0]).toEqual({ bytes: Uint8Array.of(1, 2, 3), when: new Date(0) });
    expect(bytes).toHaveLength(3);
    near.close();
  });

  test('refuses to transfer a port', () => {
    const { near, far } = ports();
    const { port1, port2 } = new MessageChannel();
    expect(() => near.postMessage(1, [port1])).toThrow(OptionError);
    expect(() => near.postMessage(1, [port1])).toThrow('a session carries bytes');
    expect(() => near.postMessage(1, new Set([port1]) as never)).toThrow('a session carries bytes');
    expect(() => near.postMessage(1, 'list' as never)).toThrow(OptionError);
    port1.close();
    port2.close();
    near.close();
    far.close();
  });

  test('refuses a value too large for one message, and goes on', async () => {
    const { a, near, far } = ports();
    const heard = heardBy(far);
    far.start();
    expect(() => near.postMessage('x'.repeat(a.messageMax))).toThrow(MessageTooLargeError);
    near.postMessage('short');
    await eventually(() => expect(heard).toEqual(['short']));
    near.close();
  });

  test('who posts more than the caps allow ends the session: nothing is missing in silence', async () => {
    const [a, b] = pair({ sendQueueBytes: 1000, sendWindow: 1 });
    const near = toMessagePort(a);
    for (let i = 0; i < 10; i++) near.postMessage('x'.repeat(500));
    let error: unknown;
    a.closed$.subscribe((end) => (error = end.error));
    await eventually(() => expect(error).toBeInstanceOf(SendQueueFullError));
    b.close();
  });

  test('refuses what is no session, a stream of bytes, and wrong options', () => {
    const [a, b] = pair({ stream: true });
    expect(() => toMessagePort(a)).toThrow('option stream must be false');
    expect(() => toMessagePort(undefined as never)).toThrow('option session must be a session');
    const [c, d] = pair();
    expect(() => toMessagePort(c, { codec: {} as never })).toThrow('option codec');
    expect(() => toMessagePort(c, { codecs: jsonCodec } as never)).toThrow('did you mean codec?');
    for (const session of [a, b, c, d]) session.close();
  });
});
