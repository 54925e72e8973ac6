import { filter, firstValueFrom, Subject, take } from 'rxjs';
import * as rxkcp from 'rxkcp';
import {
  connect,
  deriveKey,
  type FecShape,
  listen,
  memoryNetwork,
  memoryPair,
  type Session,
  type SessionOptions,
} from 'rxkcp';
import { arq, fecEncode } from 'rxkcp/operators';
import { impair, VirtualScheduler } from 'rxkcp/testing';
import { afterEach, describe, expect, test } from 'vitest';
import { CIPHER_NAMES, KEY_BYTES, makeCipher } from '../support/ciphers.ts';
import { push, text, words } from '../support/marbles.ts';
import { pair } from '../support/sessions.ts';

const undo: (() => void)[] = [];
afterEach(() => {
  for (const each of undo.splice(0)) each();
});

/** Writes to an object as code without types may; one that is frozen stays as it is. */
function scribble(target: object, changes: object): void {
  for (const [name, value] of Object.entries(changes)) Reflect.set(target, name, value);
}

function expectOwn(bytes: Uint8Array): void {
  expect([bytes.byteOffset, bytes.buffer.byteLength]).toEqual([0, bytes.length]);
}

describe('options', () => {
  /** Options, and what makes them wrong, or others. */
  function changing(): { options: SessionOptions; change: () => void } {
    const mode = { nodelay: true, interval: 20, resend: 2, nc: true };
    const encode = { data: 3, parity: 1 };
    const fec = { encode, decode: { ...encode } };
    const options: SessionOptions = { mode, fec, sendWindow: 64, mtu: 1000, rateLimit: 0 };
    return {
      options,
      change: () => {
        mode.interval = 1;
        encode.data = fec.decode.data = 0;
        scribble(fec, { encode: undefined });
        scribble(options, { sendWindow: 0, mtu: 1, rateLimit: -1, mode: 'none', scheduler: null });
      },
    };
  }

  function expectUnchanged(session: Session): void {
    expect(session.stats().sendWindow).toBe(64);
    expect(session.oobMax).toBe(1000 - 8 - 4);
  }

  test('connect reads them within the call, listen too', async () => {
    const { hub, link } = memoryNetwork();
    const ofServer = changing();
    const ofClient = changing();
    const serving = listen(Object.assign(ofServer.options, { link: hub, maxSessions: 2 }));
    const dialling = connect(Object.assign(ofClient.options, { link: link(), conv: 5 }));
    ofServer.change();
    ofClient.change();
    scribble(ofClient.options, { conv: 6, link: undefined });
    const served = firstValueFrom(serving);
    undo.push(() => connection.unsubscribe());
    const connection = dialling.subscribe((session) => {
      expect(session.conv).toBe(5);
      expectUnchanged(session);
      session.next(text('hello'));
    });
    expectUnchanged(await served);
  });

  test('a server reads them within the call for all its sessions', async () => {
    const { hub, link } = memoryNetwork();
    const { options, change } = changing();
    const sessions = new Subject<Session>();
    const serving = listen(Object.assign(options, { link: hub })).subscribe(sessions);
    undo.push(() => serving.unsubscribe());
    for (let i = 0; i < 2; i++) {
      const served = firstValueFrom(sessions.pipe(take(1)));
      const connection = connect({ link: link() }).subscribe((session) => session.next(text('hello')));
      undo.push(() => connection.unsubscribe());
      expectUnchanged(await served);
      change();
    }
  });

  test('operators read them within the call', () => {
    const mode = { nodelay: true, interval: 20, resend: 2, nc: true };
    const options = { conv: 1, mode, sendWindow: 64 };
    const conversation = arq(options);
    mode.interval = 1;
    options.sendWindow = 0;
    expect(conversation.stats().sendWindow).toBe(64);
    expect(() => conversation.configure({ mtu: 600 })).not.toThrow();

    const shape: { -readonly [K in keyof FecShape]: FecShape[K] } = { data: 1, parity: 1 };
    const bursts = new Subject<readonly Uint8Array[]>();
    const protect = fecEncode(shape);
    shape.parity = 5;
    const counts: number[] = [];
    bursts.pipe(protect).subscribe((burst) => counts.push(burst.length));
    for (let sn = 0; sn < 2; sn++) bursts.next([push(sn, 'a')]);
    expect(counts[1]).toBe(2);
  });

  test('impair reads them within the call', () => {
    const scheduler = new VirtualScheduler();
    const blackout = { at: 0, duration: 10 };
    const outgoing = { blackouts: [blackout] };
    const impaired = impair({ scheduler, outgoing });
    blackout.duration = 100;
    scribble(outgoing, { loss: 1 });
    const [left, right] = memoryPair();
    const arrived: string[] = [];
    right.incoming.subscribe((burst) => arrived.push(...burst.map(words)));
    const link = impaired(left);
    link.outgoing.next([text('a')]);
    scheduler.run(20);
    link.outgoing.next([text('b')]);
    expect(arrived).toEqual(['b']);
  });

  test.each(CIPHER_NAMES)('a cipher does not keep its key (%s)', (name) => {
    for (const portable of [true, false]) {
      const key = new Uint8Array(KEY_BYTES[name]).map((_, i) => 5 * i + 1);
      const cipher = makeCipher(rxkcp, name, key, { portable });
      const twin = makeCipher(rxkcp, name, Uint8Array.from(key), { portable });
      key.fill(0);
      expect(twin.open(cipher.seal([text('hello')])).map(words)).toEqual(['hello']);
    }
  });

  test('deriveKey has read its bytes when it returns', () => {
    const password = text('it is a secret');
    const key = deriveKey(password);
    const before = Uint8Array.from(key);
    password.fill(0);
    expect(key).toEqual(before);
    expectOwn(key);
  });
});

test('the pieces of a message are asked for once', async () => {
  const [a, b] = pair();
  const messages: string[] = [];
  const received = firstValueFrom(b.pipe(filter((message) => messages.push(words(message.subarray(0, 9))) === 3)));
  const growing = (): Uint8Array[] => {
    let asked = 0;
    const pieces = [text(''), text('b')];
    return Object.defineProperty(pieces, 0, { get: () => new Uint8Array(3000 * asked++) });
  };
  a.next(growing());
  await a.send(growing());
  a.next(new Proxy([text('end')], {}));
  await received;
  expect(messages).toEqual(['b', 'b', 'end']);
});
