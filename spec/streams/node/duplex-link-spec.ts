import { once } from 'node:events';
import { connect as connectTcp, createServer, type Socket } from 'node:net';
import { Duplex, PassThrough } from 'node:stream';
import { firstValueFrom, map } from 'rxjs';
import { type Burst, FrameTooLargeError, type SessionEnd, TruncatedFrameError } from 'rxkcp';
import { fromDuplex } from 'rxkcp/node';
import { describe, expect, test } from 'vitest';
import { push, text, words } from '../../support/marbles.ts';
import { open } from '../../support/sessions.ts';

/** Two ends of a TCP connection. */
async function wire(): Promise<[Socket, Socket]> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const near = connectTcp((server.address() as { port: number }).port, '127.0.0.1');
  const [far] = (await once(server, 'connection')) as [Socket];
  server.close();
  return [near, far];
}

/** What is written to it goes nowhere until it is let go. */
class Dam extends Duplex {
  readonly written: Buffer[] = [];
  release: () => void = () => {};
  override _read(): void {}
  override _write(chunk: Buffer, _: string, done: () => void): void {
    this.written.push(chunk);
    this.release = done;
  }
}

describe('a link over a Duplex', () => {
  test('carries a session', async () => {
    const [near, far] = await wire();
    const [a, b] = [open(fromDuplex(near)), open(fromDuplex(far))];
    b.subscribe(b);
    const echo = firstValueFrom(a.pipe(map((message) => message.length)));
    await a.send(new Uint8Array(100_000));
    await expect(echo).resolves.toBe(100_000);
    a.close();
    b.close();
    await Promise.all([near, far].map((socket) => (socket.closed ? undefined : once(socket, 'close'))));
  });

  test('puts the length in front of every datagram, and drops datagrams while the stream is full', () => {
    const dam = new Dam({ writableHighWaterMark: 6 });
    const { outgoing } = fromDuplex(dam);
    outgoing.next([text('ab'), text('cd'), text('lost')]);
    expect(Buffer.concat(dam.written).toString('latin1')).toBe('\0\x02ab');
    dam.release();
    dam.release();
    expect(Buffer.concat(dam.written).toString('latin1')).toBe('\0\x02ab\0\x02cd');
    dam.destroy();
    expect(() => outgoing.next([text('x')])).not.toThrow();
  });

  test('emits the datagrams of a chunk as one burst, however they were cut', () => {
    const pipe = new PassThrough();
    const seen: string[] = [];
    fromDuplex(pipe).incoming.subscribe((burst: Burst) => seen.push(burst.map(words).join(' ')));
    pipe.emit('data', text('\0\x02ab\0\x03cd'));
    pipe.emit('data', text('e\0\x01f'));
    expect(seen).toEqual(['ab', 'cde f']);
  });

  test('ends its session as the stream ends', async () => {
    const ends: SessionEnd[] = [];
    const streams = Array.from({ length: 5 }, () => new PassThrough());
    for (const stream of streams) {
      stream.pause();
      const session = open(fromDuplex(Duplex.from({ readable: stream, writable: new PassThrough() })));
      session.subscribe({ error: () => {} });
      session.closed$.subscribe((end) => ends.push(end));
    }
    const failure = new Error('cable cut');
    streams[0]?.end();
    streams[1]?.destroy(failure);
    streams[2]?.end(Uint8Array.of(0, 9, 1));
    streams[3]?.write(text('no datagrams'));
    streams[4]?.end(Uint8Array.of(0, 25, ...push(0, 'x')));
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(ends).toHaveLength(5);
    expect(ends).toEqual(
      expect.arrayContaining([
        { reason: 'peer' },
        { reason: 'failed', error: failure },
        { reason: 'failed', error: new TruncatedFrameError(3) },
        { reason: 'failed', error: new FrameTooLargeError('frame', 0x6e6f, 1500) },
      ]),
    );
  });

  describe('ends its session at once when the stream', () => {
    /** How a session over `duplex` ends. */
    function endOf(duplex: Duplex): SessionEnd | undefined {
      const session = open(fromDuplex(duplex));
      session.subscribe({ error: () => {} });
      let end: SessionEnd | undefined;
      session.closed$.subscribe((value) => {
        end = value;
      });
      return end;
    }

    test('was destroyed before', async () => {
      const stream = new PassThrough();
      stream.destroy();
      expect(endOf(stream)).toEqual({ reason: 'peer' });
      await once(stream, 'close');
      expect(endOf(stream)).toEqual({ reason: 'peer' });
    });

    test('has failed before', async () => {
      const failure = new Error('cable cut');
      const stream = new PassThrough();
      stream.on('error', () => {}).destroy(failure);
      await new Promise((resolve) => stream.on('close', resolve));
      expect(endOf(stream)).toEqual({ reason: 'failed', error: failure });
    });

    test('is a connection that was refused before', async () => {
      const server = createServer().listen(0, '127.0.0.1');
      await once(server, 'listening');
      const { port } = server.address() as { port: number };
      await new Promise((resolve) => server.close(resolve));
      const socket = connectTcp(port, '127.0.0.1').on('error', () => {});
      await new Promise((resolve) => socket.on('close', resolve));
      expect(endOf(socket)).toMatchObject({ reason: 'failed', error: { code: 'ECONNREFUSED' } });
    });

    test('has ended before, though it can still be written to: the stream is destroyed', async () => {
      const stream = new Dam({ allowHalfOpen: true });
      stream.push(null);
      stream.resume();
      await once(stream, 'end');
      expect(stream.destroyed).toBe(false);
      expect(endOf(stream)).toEqual({ reason: 'peer' });
      await once(stream, 'close');
    });
  });
});
