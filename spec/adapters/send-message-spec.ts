import { getEventListeners } from 'node:events';
import { OptionError, SessionClosedError } from 'rxkcp';
import { sendMessage } from 'rxkcp/adapters';
import { mux } from 'rxkcp/mux';
import { expect, test } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { text, words } from '../support/marbles.ts';
import { pair } from '../support/sessions.ts';

/** Sends `first` and `second` while the peer does not read: the second one waits. */
async function congested() {
  const [a, b] = pair({ sendWindow: 1, receiveWindow: 1 });
  b.pause();
  const heard: string[] = [];
  b.subscribe((message) => heard.push(words(message)));
  await a.send(text('first'));
  await a.send(text('second'));
  return { a, b, heard };
}

test('resolves when the send window has accepted the message', async () => {
  const [a, b] = pair();
  const heard: string[] = [];
  b.subscribe((message) => heard.push(words(message)));
  await sendMessage(a, text('hello'), { signal: new AbortController().signal });
  await sendMessage(a, [text('again'), text('!')]);
  await eventually(() => heard.length === 2);
  expect(heard).toEqual(['hello', 'again!']);
  a.close();
  b.close();
});

test('an aborted wait rejects with the reason; the message keeps its place in the queue', async () => {
  const { a, b, heard } = await congested();
  const controller = new AbortController();
  const sending = sendMessage(a, text('third'), { signal: controller.signal });
  const behind = a.send(text('fourth'));
  const reason = new Error('changed my mind');
  controller.abort(reason);
  await expect(sending).rejects.toBe(reason);
  b.resume();
  await behind;
  await eventually(() => heard.length === 4);
  expect(heard).toEqual(['first', 'second', 'third', 'fourth']);
  a.close();
  b.close();
});

test('with a signal that was aborted before, nothing is sent', async () => {
  const [a, b] = pair();
  const heard: string[] = [];
  b.subscribe((message) => heard.push(words(message)));
  const reason = new Error('too late');
  await expect(sendMessage(a, text('never'), { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  await a.send(text('sent'));
  await eventually(() => heard.length > 0);
  expect(heard).toEqual(['sent']);
  a.close();
  b.close();
});

test('rejects as send does, and leaves no listener at the signal, however it ends', async () => {
  const { a, b } = await congested();
  const { signal } = new AbortController();
  const waiting = sendMessage(a, text('waits'), { signal });
  expect(getEventListeners(signal, 'abort')).toHaveLength(1);
  a.close();
  await expect(waiting).rejects.toBeInstanceOf(SessionClosedError);
  await expect(sendMessage(a, text('late'), { signal })).rejects.toBeInstanceOf(SessionClosedError);
  const [c, d] = pair();
  await sendMessage(c, text('sent'), { signal });
  expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  for (const session of [b, c, d]) session.close();
});

test('sends on a stream of a mux, too', async () => {
  const [a, b] = pair({ stream: true });
  const [client, server] = [mux(a, { role: 'client' }), mux(b, { role: 'server' })];
  const heard: string[] = [];
  server.streams$.subscribe((stream) => stream.subscribe((bytes) => heard.push(words(bytes))));
  await sendMessage(client.open(), text('hello'), { signal: AbortSignal.timeout(60_000) });
  await eventually(() => heard.length === 1);
  expect(heard).toEqual(['hello']);
  client.close();
  a.close();
  b.close();
});

test('refuses wrong arguments', () => {
  const [a, b] = pair();
  expect(() => sendMessage({} as never, text('x'))).toThrow(OptionError);
  expect(() => sendMessage(a, text('x'), { signal: {} as never })).toThrow('option signal must be an AbortSignal');
  expect(() => sendMessage(a, text('x'), { singal: undefined, sginal: 1 } as never)).toThrow('did you mean signal?');
  a.close();
  b.close();
});
