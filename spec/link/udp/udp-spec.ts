import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { firstValueFrom, lastValueFrom, map, retry, tap } from 'rxjs';
import {
  type Address,
  AddressInUseError,
  ConnectionRefusedError,
  type ConnectOptions,
  connect,
  HostNotFoundError,
  LinkInUseError,
  type ListenOptions,
  listen,
  OptionError,
  resetSnmp,
  type Session,
  SocketClosedError,
  SocketError,
  snmp,
} from 'rxkcp';
import { converse } from 'rxkcp/operators';
import { afterEach, describe, expect, test } from 'vitest';
import { eventually } from '../../support/eventually.ts';
import { freePort } from '../../support/free-port.ts';
import { push, text, wins, words } from '../../support/marbles.ts';
import { describeLinks } from '../../support/native.ts';
import { socketCount } from './native/support.ts';

const cleanups: (() => void)[] = [];
afterEach(() => {
  for (const cleanup of cleanups.splice(0)) cleanup();
});

/** A server for the time of a test; resolves with its address. */
function serve(options: ListenOptions, handle: (session: Session) => void): Promise<Address> {
  return new Promise((onListening, error) => {
    const subscription = listen({ ...options, onListening }).subscribe({ next: handle, error });
    cleanups.push(() => subscription.unsubscribe());
  });
}

/** A session for the time of a test. */
function dial(options: ConnectOptions): Promise<Session> {
  return new Promise((resolve, error) => {
    const subscription = connect({ mode: 'fast3', ...options }).subscribe({ next: resolve, error });
    cleanups.push(() => subscription.unsubscribe());
  });
}

const echo = (session: Session): void => void session.subscribe(session);

describeLinks(() => {
  describe.each([
    ['IPv4', '127.0.0.1', '127.0.0.1'],
    ['IPv6', '::1', '::1'],
    ['both, for an IPv4 client', '::', '127.0.0.1'],
  ])('over %s', (_, host, dialled) => {
    test('messages come back from an echo, whole and in order', async () => {
      const { port } = await serve({ port: 0, host, mode: 'fast3' }, echo);
      const session = await dial({ host: dialled, port });
      expect(session.remote).toEqual({ address: dialled, port });
      expect(session.local?.port).toBeGreaterThan(0);
      const sent = Array.from({ length: 100 }, (_, i) => `${i}`.repeat(1 + i * 17));
      const received = new Promise<string[]>((resolve) => {
        const seen: string[] = [];
        session.pipe(map(words)).subscribe((word) => {
          if (seen.push(word) === sent.length) resolve(seen);
        });
      });
      for (const word of sent) await session.send(text(word));
      await expect(received).resolves.toEqual(sent);
    });
  });

  describe('what goes wrong with a socket has a type:', () => {
    test('a port that is taken', async () => {
      const { port } = await serve({ port: 0, host: '127.0.0.1' }, echo);
      await expect(serve({ port, host: '127.0.0.1' }, echo)).rejects.toThrow(AddressInUseError);
      await expect(serve({ port, host: '127.0.0.1' }, echo)).rejects.toThrow(`127.0.0.1 port ${port} is in use`);
    });

    test('a host without an address', async () => {
      await expect(dial({ host: 'no-such-host.invalid', port: 1 })).rejects.toThrow(HostNotFoundError);
      await expect(serve({ host: 'no-such-host.invalid', port: 1 }, echo)).rejects.toThrow(HostNotFoundError);
    });

    test('options of sockets out of range', () => {
      const attempts = [
        [{ port: 1, dscp: 64 }, 'option dscp must be an integer from 0 to 63, got 64'],
        [{ port: 1, dontFragment: 1 }, 'option dontFragment must be true or false, got 1'],
        [{ port: 1, reusePort: 'yes' }, 'option reusePort must be true or false, got "yes"'],
      ] as const;
      for (const [options, message] of attempts) expect(() => listen(options as never)).toThrow(message);
    });

    test('options out of range, before there is a socket', () => {
      const attempts = [
        [{ port: 0 }, 'option port must be an integer from 1 to 65535, got 0'],
        [{ port: 1, family: 5 }, 'option family must be 4 or 6, got 5'],
        [{ port: 1, host: '' }, 'option host must be a host name or an IP address, got ""'],
        [{ port: 1, localPort: -1 }, 'option localPort must be an integer from 0 to 65535, got -1'],
        [{ port: 1, socket: 5 }, 'option socket must be a bound socket of node:dgram, got 5'],
        [{ port: 1, closeSocket: 'no' }, 'option closeSocket must be true or false, got "no"'],
      ] as const;
      for (const [options, message] of attempts) {
        const attempt = (): unknown => connect(options as never);
        expect(attempt).toThrow(OptionError);
        expect(attempt).toThrow(message);
      }
    });

    test('an address that this machine will not send to', async () => {
      await expect(dial({ host: '255.255.255.255', port: 9 })).rejects.toThrow(SocketError);
    });

    test('a callback of the caller’s that throws, and no socket is left behind', async () => {
      const failing = (): never => {
        throw new Error('mine');
      };
      const { port } = await serve({ port: 0, host: '127.0.0.1' }, echo);
      const before = socketCount();
      const attempt = lastValueFrom(listen({ port: 0, onListening: failing }));
      await expect(attempt).rejects.toThrow('mine');
      await expect(dial({ port, random: failing })).rejects.toThrow('mine');
      await eventually(() => expect(socketCount()).toBe(before));
    });

    test('a local port that is taken', async () => {
      const { port } = await serve({ port: 0 }, echo);
      await expect(dial({ port: 9, localPort: port })).rejects.toThrow(`port ${port} is in use`);
    });

    test('a peer that is not there, which is said at once', async () => {
      const port = await freePort();
      const session = await dial({ port });
      const failure = firstValueFrom(session);
      session.next(text('anyone?'));
      await expect(failure).rejects.toThrow(ConnectionRefusedError);
      await expect(failure).rejects.toThrow(`no listener at 127.0.0.1 port ${port}`);
      await expect(firstValueFrom(session.closed$)).resolves.toMatchObject({ reason: 'failed' });
    });

    test('and a peer that comes late is found by dialling again', async () => {
      const port = await freePort();
      const answer = firstValueFrom(
        connect({ port }).pipe(
          converse((session) => {
            session.next(text('anyone?'));
            return session.pipe(map(words));
          }),
          retry({ delay: 20 }),
        ),
      );
      await sleep(50);
      await serve({ port, host: '127.0.0.1' }, echo);
      await expect(answer).resolves.toBe('anyone?');
    });

    test('but a peer that was heard may have a closed port for a while', async () => {
      const peer = createSocket('udp4').bind(0, '127.0.0.1');
      await once(peer, 'listening');
      const session = await dial({ port: peer.address().port });
      session.next(text('anyone?'));
      const [datagram, from] = await once(peer, 'message');
      peer.send(wins(128, { conv: datagram.readUInt32LE(0) }), from.port);
      await eventually(() => expect(session.stats().segmentsReceived).toBe(1));
      peer.close();
      session.next(text('anyone still?'));
      await sleep(100);
      expect(session.closed).toBe(false);
    });
  });

  test('a hint that the system or the link does not take changes nothing', async () => {
    const hints = { dscp: 46, dontFragment: true, recvBufferSize: 1, sendBufferSize: 0x7fff_ffff };
    const { port } = await serve({ port: 0, host: '127.0.0.1', ...hints }, echo);
    const session = await dial({ port, ...hints });
    session.next(text('hi'));
    await expect(firstValueFrom(session.pipe(map(words)))).resolves.toBe('hi');
  });

  test('unsubscribing before the socket is ready leaves nothing open', async () => {
    const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 100));
    await settled();
    const before = socketCount();
    for (let i = 0; i < 20; i++) connect({ port: 9 }).subscribe().unsubscribe();
    for (let i = 0; i < 20; i++) listen({ port: 0 }).subscribe().unsubscribe();
    await settled();
    expect(socketCount()).toBe(before);
  });

  test('a datagram longer than any MTU is dropped and counted, and so is garbage', async () => {
    const { port } = await serve({ port: 0, host: '127.0.0.1' }, echo);
    resetSnmp();
    const socket = createSocket('udp4');
    cleanups.push(() => socket.close());
    for (const datagram of [push(0, 'x'.repeat(1477)), text('garbage'), push(0, 'ok')])
      socket.send(datagram, port, '127.0.0.1');
    await once(socket, 'message');
    expect(snmp()).toMatchObject({ InErrs: 1, KCPInErrors: 1, PassiveOpens: 1, BytesReceived: 2 });
  });

  test('every subscription to connect makes a session of its own', async () => {
    const { port } = await serve({ port: 0, host: '127.0.0.1' }, echo);
    const dialling = connect({ port });
    const convs = new Set<number>();
    for (let i = 0; i < 5; i++) convs.add((await firstValueFrom(dialling)).conv);
    expect(convs.size).toBe(5);
  });

  test('a session that completes completes what made it', async () => {
    const { port } = await serve({ port: 0, host: '127.0.0.1' }, echo);
    const ended = lastValueFrom(connect({ port }).pipe(tap((session) => session.complete())));
    await expect(ended).resolves.toMatchObject({ closed: true });
  });
});

describe('a socket of the caller’s', () => {
  async function bound(): Promise<Socket> {
    const socket = createSocket('udp4');
    cleanups.push(() => {
      try {
        socket.close();
      } catch {
        // The test has closed it.
      }
    });
    socket.bind(0, '127.0.0.1');
    await once(socket, 'listening');
    return socket;
  }

  test('serves, and is left open when the server is gone', async () => {
    const socket = await bound();
    const { port } = await serve({ socket }, echo);
    const session = await dial({ port });
    session.next(text('hi'));
    await expect(firstValueFrom(session.pipe(map(words)))).resolves.toBe('hi');
    for (const cleanup of cleanups.splice(1)) cleanup();
    expect(socket.address().port).toBe(port);
    expect(socket.listenerCount('message')).toBe(0);
    expect(socket.listenerCount('error')).toBe(0);
    expect(socket.listenerCount('close')).toBe(0);
  });

  test('of IPv6 talks to a peer of IPv4, too', async () => {
    const { port } = await serve({ port: 0, host: '127.0.0.1' }, echo);
    const socket = createSocket('udp6');
    cleanups.push(() => socket.close());
    socket.bind(0);
    await once(socket, 'listening');
    const session = await dial({ socket, port });
    expect(session.remote).toEqual({ address: '::ffff:127.0.0.1', port });
    session.next(text('hi'));
    await expect(firstValueFrom(session.pipe(map(words)))).resolves.toBe('hi');
  });

  test('of IPv6 knows its peer however its address is spelt', async () => {
    const { port } = await serve({ port: 0, host: '::1' }, echo);
    const socket = createSocket('udp6');
    cleanups.push(() => socket.close());
    socket.bind(0, '::1');
    await once(socket, 'listening');
    const session = await dial({ socket, host: '0:0:0:0:0:0:0:1', port });
    session.next(text('hi'));
    await expect(firstValueFrom(session.pipe(map(words)))).resolves.toBe('hi');
  });

  test('that is closed with its session is not closed before the last packet has left', async () => {
    const [own, receiver] = [await bound(), await bound()];
    const session = await dial({ socket: own, closeSocket: true, port: receiver.address().port, writeDelay: true });
    session.next(text('last words'));
    session.close();
    const [datagram] = await once(receiver, 'message');
    expect(words(datagram.subarray(24))).toBe('last words');
  });

  test('carries several clients, each for its own peer', async () => {
    const warnings: unknown[] = [];
    const warn = (warning: unknown): void => void warnings.push(warning);
    process.on('warning', warn);
    cleanups.push(() => process.off('warning', warn));
    const socket = await bound();
    await Promise.all(Array.from({ length: 12 }, (_, i) => dial({ socket, port: 1000 + i })));
    const servers = await Promise.all(
      [1, 2].map((n) => serve({ port: 0, host: '127.0.0.1' }, (session) => session.next(text(`from ${n}`)))),
    );
    const sessions = await Promise.all(servers.map(({ port }) => dial({ socket, port })));
    for (const session of sessions) session.next(text('hello'));
    const answers = await Promise.all(sessions.map((session) => firstValueFrom(session.pipe(map(words)))));
    expect(answers).toEqual(['from 1', 'from 2']);
    expect(warnings).toEqual([]);
  });

  test('carries one session with each peer at a time: another is refused', async () => {
    const socket = await bound();
    const { port } = await serve({ port: 0, host: '127.0.0.1' }, echo);
    const first = await dial({ socket, port });
    await expect(dial({ socket, port })).rejects.toThrow(LinkInUseError);
    first.close();
    const second = await dial({ socket, port });
    second.next(text('hi'));
    await expect(firstValueFrom(second.pipe(map(words)))).resolves.toBe('hi');
  });

  test('is closed with the session on request, and its closing ends a session otherwise', async () => {
    const [own, lent] = [await bound(), await bound()];
    const closed = once(own, 'close');
    const session = await dial({ socket: own, closeSocket: true, port: 9 });
    session.close();
    await closed;
    const other = await dial({ socket: lent, port: 9 });
    const failure = firstValueFrom(other.closed$);
    lent.close();
    await expect(failure).resolves.toEqual({ reason: 'failed', error: new SocketClosedError() });
    other.next(text('into the void'));
  });

  test('has to be bound', async () => {
    const socket = createSocket('udp4');
    cleanups.push(() => socket.close());
    await expect(dial({ socket, port: 9 })).rejects.toThrow(SocketError);
    await expect(serve({ socket }, echo)).rejects.toThrow(SocketError);
    expect(socket.listenerCount('error')).toBe(0);
  });
});
