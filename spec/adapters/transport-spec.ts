import { OptionError } from 'rxkcp';
import { toTransport } from 'rxkcp/adapters';
import { describe, expect, test } from 'vitest';
import { text, words } from '../support/marbles.ts';
import { pair } from '../support/sessions.ts';

describe('a session as { send, receive, close }', () => {
  test('receives one message for each call, and undefined after the last', async () => {
    const [a, b] = pair();
    const [{ send, close }, { receive }] = [toTransport(a), toTransport(b)];
    const both = Promise.all([receive(), receive()]);
    await send(text('one'));
    await send(text('two'));
    await send(text('three'));
    expect((await both).map((message) => words(message as Uint8Array))).toEqual(['one', 'two']);
    const closed = close();
    expect(words((await receive()) as Uint8Array)).toBe('three');
    await closed;
    expect(await receive()).toBeUndefined();
    expect(await receive()).toBeUndefined();
    expect(a.closed && b.closed).toBe(true);
  });

  test('does not read ahead: the peer waits', async () => {
    const [a, b] = pair({ sendWindow: 2, receiveWindow: 2, ackNoDelay: true });
    const { receive } = toTransport(b);
    let sent = 0;
    const sending = (async () => {
      for (; sent < 20; sent++) await a.send(text(`${sent}`));
    })();
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(sent).toBeLessThan(8);
    for (let i = 0; i < 20; i++) expect(words((await receive()) as Uint8Array)).toBe(`${i}`);
    await sending;
    a.close();
    b.close();
  });

  test('receive rejects with what ended the session', async () => {
    const [a, b] = pair();
    const { receive, send, close } = toTransport(a);
    const failure = new Error('enough');
    const waiting = receive();
    a.error(failure);
    await expect(waiting).rejects.toBe(failure);
    await expect(send(text('x'))).rejects.toThrow('closed');
    await close();
    b.close();
  });

  test('refuses a stream of bytes', () => {
    const [a, b] = pair({ stream: true });
    expect(() => toTransport(a)).toThrow(OptionError);
    a.close();
    b.close();
  });
});
