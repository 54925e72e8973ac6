import { firstValueFrom, map, ReplaySubject, Subscription } from 'rxjs';
import {
  type Address,
  aesGcm,
  type Burst,
  type Cipher,
  chacha20Poly1305,
  connect,
  deriveKey,
  listen,
  memoryNetwork,
  memoryPair,
  OptionError,
  type Session,
  type SessionOptions,
  salsa20,
  snmp,
  xor,
} from 'rxkcp';
import { VirtualScheduler } from 'rxkcp/testing';
import { describe, expect, test } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { text, words } from '../support/marbles.ts';

const key = deriveKey('it is a secret');
const ciphers: [string, Cipher][] = [
  ['salsa20', salsa20(key)],
  ['aes-gcm', aesGcm(key)],
  ['xor', xor(key)],
];

describe.each(ciphers)('a session sealed with %s', (_, cipher) => {
  test('speaks to a server that has the key, in datagrams no longer than the MTU', () => {
    const heard: number[] = [];
    const network = memoryNetwork();
    const server = listen({ link: network.hub, cipher, mtu: 600 }).subscribe((session) =>
      session.subscribe(({ length }) => heard.push(length)),
    );
    const link = network.link();
    const sizes: number[] = [];
    const outgoing = {
      next: (burst: Burst): void => {
        sizes.push(...burst.map((datagram) => datagram.length));
        link.outgoing.next(burst);
      },
    };
    const watched = { ...link, outgoing };
    const message = 'x'.repeat(5000);
    const client = connect({ link: watched, cipher, mtu: 600 }).subscribe((session) => session.next(text(message)));
    expect(heard).toEqual([5000]);
    expect(Math.max(...sizes)).toBe(600);
    client.unsubscribe();
    server.unsubscribe();
  });
});

test('a server with another key, or none, hears nothing, and counts what it could not open', () => {
  for (const cipher of [aesGcm(deriveKey('another')), salsa20(key), xor(key)]) {
    const network = memoryNetwork();
    let sessions = 0;
    const server = listen({ link: network.hub, cipher }).subscribe(() => sessions++);
    const before = snmp().InCsumErrors;
    const client = connect({ link: network.link(), cipher: aesGcm(key) }).subscribe((session) =>
      session.next(text('x')),
    );
    expect(sessions).toBe(0);
    expect(snmp().InCsumErrors).toBe(before + 1);
    client.unsubscribe();
    server.unsubscribe();
  }
});

test('what is sealed comes back from an echo over UDP', async () => {
  const cipher = aesGcm(key);
  const server = new Subscription();
  const port = await new Promise<number>((resolve) => {
    const sessions = listen({ port: 0, host: '127.0.0.1', cipher, onListening: (local) => resolve(local.port) });
    server.add(sessions.subscribe((session) => session.subscribe(session)));
  });
  const client = new Subscription();
  const echo = await new Promise<string>((resolve) => {
    const dialling = connect({ port, cipher }).subscribe((session) => {
      session.next(text('hello'));
      session.pipe(map(words)).subscribe(resolve);
    });
    client.add(dialling);
  });
  client.unsubscribe();
  server.unsubscribe();
  expect(echo).toBe('hello');
});

/** A cipher of a user's, whose packets lie in the datagrams. */
const bare: Cipher = {
  name: 'bare',
  overhead: 0,
  seal: (packets) => packets.map((packet) => packet.slice()),
  open: (datagrams) => [...datagrams],
};

test.each([
  ['no cipher', undefined],
  ['a cipher that leaves packets where they are', bare],
  ['an AEAD without the addon', chacha20Poly1305(key)],
  ...ciphers,
])('messages that wait while others come over UDP stay as they are: %s', async (_, cipher) => {
  const opened = new Subscription();
  const served = new Promise<Session>((resolve) => {
    const onListening = ({ port }: Address): void => {
      opened.add(connect({ port, cipher, mode: 'fast3' }).subscribe((session) => sending.next(session)));
    };
    const sessions = listen({ port: 0, host: '127.0.0.1', cipher, mode: 'fast3', onListening });
    opened.add(sessions.subscribe(resolve));
  });
  const sending = new ReplaySubject<Session>(1);
  const client = await firstValueFrom(sending);
  const expected: string[] = [];
  for (let i = 0; i < 10; i++) {
    expected.push(`${i}`.repeat(1000));
    client.next(text(expected[i] as string));
    const server = await served;
    // One wake-up of the server for each.
    await eventually(() => expect(server.stats().unread).toBe(i + 1));
  }
  const heard: string[] = [];
  (await served).subscribe((message) => heard.push(words(message)));
  expect(heard).toEqual(expected);
  opened.unsubscribe();
});

test('a cipher that is none, or leaves no room in the MTU, is refused at once', () => {
  const { hub } = memoryNetwork();
  const attempts = [
    [{ cipher: {} }, 'option cipher must be a Cipher with overhead, seal() and open(), got Object'],
    [{ cipher: aesGcm(key), mtu: 77 }, 'option mtu must be an integer from 78 to 1472, got 77'],
  ] as const;
  for (const [options, message] of attempts) {
    const attempt = (): unknown => listen({ link: hub, ...(options as object) });
    expect(attempt).toThrow(OptionError);
    expect(attempt).toThrow(message);
  }
});

test('a cipher may hand on the packets as they are, which others may keep', async () => {
  const bare: Cipher = {
    name: 'bare',
    overhead: 0,
    seal: (packets) => [...packets],
    open: (datagrams) => [...datagrams],
  };
  const scheduler = new VirtualScheduler();
  const [left, right] = memoryPair();
  const options: SessionOptions = {
    conv: 1,
    cipher: bare,
    scheduler,
    mode: 'fast3',
    sendWindow: 128,
    receiveWindow: 128,
  };
  const read: Uint8Array[] = [];
  connect({ link: right, ...options }).subscribe((reader) => {
    reader.subscribe((message) => {
      if (read.push(message) % 18 === 0) reader.pause();
    });
    for (let at = 0; at < 5000; at += 10) scheduler.schedule(() => reader.resume(), at);
  });
  connect({ link: left, ...options }).subscribe((sender) => {
    for (let i = 0; i < 2000; i++)
      scheduler.schedule(() => sender.next(new Uint8Array(1300).fill(i)), Math.floor(i / 2.5));
  });
  scheduler.run(10_000);
  expect(read.length).toBe(2000);
  expect(read.filter((message, i) => !message.every((byte) => byte === (i & 0xff)))).toEqual([]);
});
