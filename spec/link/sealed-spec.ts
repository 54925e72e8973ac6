import { map, Subscription } from 'rxjs';
import {
  aesGcm,
  type Burst,
  type Cipher,
  connect,
  deriveKey,
  listen,
  memoryNetwork,
  OptionError,
  salsa20,
  snmp,
  xor,
} from 'rxkcp';
import { describe, expect, test } from 'vitest';
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

test('a cipher that is none, or leaves no room in the MTU, is refused at once', () => {
  const { hub } = memoryNetwork();
  const attempts = [
    [{ cipher: {} }, 'option cipher must be a Cipher with overhead, seal() and open(), got Object'],
    [{ cipher: aesGcm(key), mtu: 77 }, 'option mtu must be an integer from 78 to 1500, got 77'],
  ] as const;
  for (const [options, message] of attempts) {
    const attempt = (): unknown => listen({ link: hub, ...(options as object) });
    expect(attempt).toThrow(OptionError);
    expect(attempt).toThrow(message);
  }
});
