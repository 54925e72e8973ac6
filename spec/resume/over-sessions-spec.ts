// Resumable sessions over what they are made for: sessions across bad networks, ports, any Observable of messages; and what works on them.

import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { concatMap, firstValueFrom, from, fromEvent, map, merge, Observable, Subject, take, tap, toArray } from 'rxjs';
import { connect, type Link, listen, type MemoryNetwork, memoryNetwork, type Session } from 'rxkcp';
import { mux } from 'rxkcp/mux';
import { toDuplex } from 'rxkcp/node';
import { type Serving, sendTo, serve } from 'rxkcp/operators';
import { type ResumableSession, type ResumeConnection, resumable, resumed } from 'rxkcp/resume';
import { toWebStreams } from 'rxkcp/streams';
import { impair, VirtualScheduler } from 'rxkcp/testing';
import { describe, expect, test } from 'vitest';
import { text, words } from '../support/marbles.ts';
import { bytes, seeded } from '../support/random.ts';

/** A network in memory whose links can be cut, in virtual time. */
class Network {
  readonly scheduler = new VirtualScheduler();
  readonly network: MemoryNetwork = memoryNetwork();
  readonly dialed: Session[] = [];
  #isDown = false;
  #cut = 0;

  /** Lets nothing through for a while, over this link and all others. */
  outage(ms: number): void {
    this.#isDown = true;
    this.scheduler.schedule(() => {
      this.#isDown = false;
    }, ms);
  }

  /** Lets nothing through any more over the links that there are. */
  cut(): void {
    this.#cut = this.dialed.length;
  }

  link(): Link {
    const link = impair({ loss: 0.1, delay: 20, seed: 7, scheduler: this.scheduler })(this.network.link());
    const number = this.dialed.length;
    const isUp = (): boolean => !this.#isDown && number >= this.#cut;
    return {
      ...link,
      incoming: new Observable((subscriber) =>
        link.incoming.subscribe({ ...forward(subscriber), next: (burst) => isUp() && subscriber.next(burst) }),
      ),
      outgoing: { next: (burst) => void (isUp() && link.outgoing.next(burst)) },
    };
  }

  readonly options = { mode: 'fast3', idleTimeout: 1000, deadAfter: 1500 } as const;

  readonly dial = new Observable<Session>((subscriber) => {
    const { scheduler, options } = this;
    return connect({ link: this.link(), conv: this.dialed.length + 1, scheduler, ...options })
      .pipe(tap((session) => this.dialed.push(session)))
      .subscribe(subscriber);
  });

  readonly sessions: Observable<Session> = listen({
    link: this.network.hub,
    scheduler: this.scheduler,
    ...this.options,
  });
}

function forward<T>(subscriber: { error(error: unknown): void; complete(): void; next(value: T): void }) {
  return {
    next: (value: T) => subscriber.next(value),
    error: (error: unknown) => subscriber.error(error),
    complete: () => subscriber.complete(),
  };
}

describe('over sessions', () => {
  test('nothing is lost, doubled or reordered when links die and networks go away', () => {
    const net = new Network();
    const { scheduler } = net;
    const ups: number[] = [];
    const downs: number[] = [];
    let opened = 0;
    net.sessions.pipe(resumed({ scheduler })).subscribe((session) => {
      opened++;
      session.subscribe((message) => {
        ups.push(message[0] as number);
        session.next(message);
      });
    });
    let session: ResumableSession | undefined;
    resumable(net.dial, { scheduler, reconnect: { first: 100, most: 1000 } }).subscribe((made) => {
      session = made;
      made.subscribe(([number]) => downs.push(number as number));
    });
    scheduler.run(500);
    for (let i = 0; i < 200; i++) scheduler.schedule(() => session?.next(Uint8Array.of(i)), 50 * i);
    for (const at of [700, 3000, 6000]) scheduler.schedule(() => net.cut(), at);
    for (const at of [1500, 8000]) scheduler.schedule(() => net.outage(2500), at);
    scheduler.run(30_000);
    const all = Array.from({ length: 200 }, (_, i) => i);
    expect(ups).toEqual(all);
    expect(downs).toEqual(all);
    expect(opened).toBe(1);
    expect(net.dialed.length).toBeGreaterThan(3);
    session?.close();
  });

  test('the end of a session is told, and ends its connection in good order', () => {
    const net = new Network();
    const { scheduler } = net;
    const ends: unknown[] = [];
    net.sessions
      .pipe(
        tap((connection) => connection.closed$.subscribe((end) => ends.push(['connection', end]))),
        resumed({ scheduler }),
      )
      .subscribe((session) => {
        session.closed$.subscribe((end) => ends.push(['server', end]));
        session.messages$.subscribe();
      });
    resumable(net.dial, { scheduler }).subscribe({
      next: (session) => {
        session.closed$.subscribe((end) => ends.push(['client', end]));
        session.next(text('the only one'));
        session.complete();
      },
      complete: () => ends.push('complete'),
    });
    scheduler.run(60_000);
    expect(ends).toContainEqual(['client', { reason: 'completed' }]);
    expect(ends).toContainEqual(['server', { reason: 'peer' }]);
    expect(ends).toContain('complete');
    expect(ends.filter((end) => Array.isArray(end) && end[0] === 'connection')).toHaveLength(1);
    expect(net.dialed).toHaveLength(1);
  });

  test('a slow reader stops the other end, and the connection stays free for acknowledgments', () => {
    const net = new Network();
    const { scheduler } = net;
    let server: ResumableSession | undefined;
    const ups: number[] = [];
    const window = { windowMessages: 8, ackDelay: 0 };
    net.sessions.pipe(resumed({ scheduler, ...window })).subscribe((session) => {
      server = session;
      session.subscribe(([number]) => ups.push(number as number));
      session.pause();
    });
    const taken: number[] = [];
    let client: ResumableSession | undefined;
    resumable(net.dial, { scheduler, ...window }).subscribe((session) => {
      client = session;
      from(Array.from({ length: 20 }, (_, i) => i))
        .pipe(concatMap((i) => session.send$(Uint8Array.of(i)).pipe(map(() => i))))
        .subscribe((i) => taken.push(i));
    });
    scheduler.run(3000);
    expect(taken).toHaveLength(8);
    // The other direction does not wait.
    const downs: string[] = [];
    client?.subscribe((message) => downs.push(words(message)));
    server?.next(text('down'));
    scheduler.run(4000);
    expect(downs).toEqual(['down']);
    expect(server?.unacknowledged).toBe(0);
    server?.resume();
    scheduler.run(8000);
    expect(ups).toEqual(Array.from({ length: 20 }, (_, i) => i));
    expect(taken).toHaveLength(20);
    client?.close();
  });
});

/** A server that runs `handler`, a client, and connections that end again and again, on real time. */
function pairOf(handler: (session: ResumableSession) => Serving): {
  session: Promise<ResumableSession>;
  /** Ends it all; there was more than one connection. */
  stop(): void;
} {
  const { hub, link } = memoryNetwork();
  const slow = impair({ delay: 3, seed: 1 });
  const options = { mode: 'fast3', idleTimeout: 300 } as const;
  const server = listen({ link: hub, ...options })
    .pipe(resumed({ ackDelay: 1 }), serve(handler))
    .subscribe();
  let conv = 0;
  // Each connection ends after some datagrams, later ones after more.
  const dial = new Observable<Session>((subscriber) => {
    const whole = slow(link());
    let left = 6 + 6 * ++conv;
    let session: Session | undefined;
    const incoming = whole.incoming.pipe(
      tap(({ length }) => {
        const before = left;
        left -= length;
        if (before > 0 && left <= 0) queueMicrotask(() => session?.error(new Error('cut')));
      }),
    );
    return connect({ link: { ...whole, incoming }, conv, ...options })
      .pipe(
        tap((made) => {
          session = made;
        }),
      )
      .subscribe(subscriber);
  });
  const client = new Subject<ResumableSession>();
  const session = firstValueFrom(client);
  const subscription = resumable(dial, { ackDelay: 1, reconnect: { first: 2, most: 5 } }).subscribe(client);
  return {
    session,
    stop: () => {
      expect(conv).toBeGreaterThan(1);
      subscription.unsubscribe();
      server.unsubscribe();
    },
  };
}

describe('what works on sessions works on resumable ones, while their connections are cut', () => {
  const sent = bytes(seeded(3), 400_000);

  test('serve and sendTo', async () => {
    const { session, stop } = pairOf((served) => served.pipe(sendTo(served)));
    const client = await session;
    const numbers = Array.from({ length: 2000 }, (_, i) => Uint8Array.of(i, i >> 8));
    const echo = firstValueFrom(client.pipe(take(numbers.length), toArray()));
    merge(from(numbers).pipe(sendTo(client))).subscribe({ error: () => {} });
    expect(await echo).toEqual(numbers);
    stop();
  });

  test('for await, and send', async () => {
    const { session, stop } = pairOf(async (served: ResumableSession) => {
      for await (const message of served) await served.send(message);
    });
    const client = await session;
    let count = 0;
    const writing = (async () => {
      for (let i = 0; i < 300; i++) await client.send(new Uint8Array(500).fill(i));
      await client.finish();
    })();
    for await (const [number] of client) expect(number).toBe(count++ & 0xff);
    expect(count).toBe(300);
    await writing;
    stop();
  });

  test('toDuplex', async () => {
    const { session, stop } = pairOf((served) => {
      const duplex = toDuplex(served);
      duplex.pipe(duplex);
      duplex.on('error', () => {});
    });
    const duplex = toDuplex(await session);
    duplex.end(sent);
    const chunks: Buffer[] = [];
    for await (const chunk of duplex) chunks.push(chunk);
    expect(Buffer.concat(chunks).equals(sent)).toBe(true);
    stop();
  });

  test('toWebStreams', async () => {
    const { session, stop } = pairOf((served) => {
      const { readable, writable } = toWebStreams(served);
      return readable.pipeTo(writable);
    });
    const { readable, writable } = toWebStreams(await session);
    const writer = writable.getWriter();
    const writing = writer.write(sent).then(() => writer.close());
    const echoed = new Uint8Array(await new Response(readable).arrayBuffer());
    await writing;
    expect(Buffer.from(echoed).equals(sent)).toBe(true);
    stop();
  });

  test('mux, whose streams survive', async () => {
    const { session, stop } = pairOf((served) =>
      mux(toWebStreams(served), { role: 'server' }).streams$.pipe(serve((stream) => stream.subscribe(stream))),
    );
    const streams = mux(toWebStreams(await session), { role: 'client' });
    const echoes = [1, 2, 3].map(async (k) => {
      const stream = streams.open();
      const part = sent.subarray(0, 50_000 * k);
      let length = 0;
      const reading = (async () => {
        for await (const chunk of stream) {
          expect(Buffer.from(chunk).equals(part.subarray(length, length + chunk.length))).toBe(true);
          length += chunk.length;
        }
      })();
      for (let at = 0; at < part.length; at += 5000) await stream.send(part.subarray(at, at + 5000));
      stream.complete();
      await reading;
      expect(length).toBe(part.length);
    });
    await Promise.all(echoes);
    stop();
  });
});

describe('over other transports', () => {
  /** A port as what carries a resumable session: it is reliable, and keeps order and message boundaries. */
  const overPort = (port: MessagePort): ResumeConnection => ({
    subscribe: (observer) =>
      merge(
        fromEvent(port, 'message').pipe(map((event) => (event as unknown as { readonly data: Uint8Array }).data)),
        fromEvent(port, 'close').pipe(
          tap(() => {
            throw new Error('the port was closed');
          }),
        ) as Observable<never>,
      ).subscribe(observer),
    next: (message) => port.postMessage(message),
    complete: () => port.close(),
  });

  test('message ports', async () => {
    const arriving = new Subject<ResumeConnection>();
    const server = arriving.pipe(resumed()).subscribe((session) => session.subscribe(session));
    let ports: MessagePort[] = [];
    const dial = new Observable<ResumeConnection>((subscriber) => {
      const { port1, port2 } = new MessageChannel();
      ports = [port1, port2];
      for (const port of ports) port.start();
      arriving.next(overPort(port2));
      subscriber.next(overPort(port1));
      return () => port1.close();
    });
    const client = new Subject<ResumableSession>();
    const opened = firstValueFrom(client);
    const subscription = resumable(dial, { reconnect: { first: 1, most: 5 } }).subscribe(client);
    const session = await opened;
    const echo = firstValueFrom(session.pipe(map(words), take(20), toArray()));
    for (let i = 0; i < 20; i++) {
      session.next(text(`${i}`));
      if (i % 5 === 2) ports[i % 2]?.close();
      await new Promise((resolve) => setTimeout(resolve, 3));
    }
    expect(await echo).toEqual(Array.from({ length: 20 }, (_, i) => `${i}`));
    subscription.unsubscribe();
    server.unsubscribe();
  });

  test('a session in stream mode is refused, and one whose messages are too small', () => {
    const { hub, link } = memoryNetwork();
    const server = listen({ link: hub }).subscribe();
    const errors: unknown[] = [];
    for (const stream of [true, false]) {
      const maxMessageSize = stream ? 1000 : 1 << 24;
      resumable(connect({ link: link(), conv: 1, stream }), { maxMessageSize }).subscribe({
        error: (error) => errors.push(error),
      });
    }
    expect(errors).toMatchObject([
      { code: 'ERR_OPTION', option: 'stream' },
      { code: 'ERR_OPTION', option: 'maxMessageSize' },
    ]);
    server.unsubscribe();
  });
});
