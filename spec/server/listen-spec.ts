import { map, Subject, type Subscription } from 'rxjs';
import {
  type Address,
  connect,
  IdleTimeoutError,
  type ListenOptions,
  listen,
  memoryNetwork,
  OptionError,
  type PeerBurst,
  type Session,
  type SessionEnd,
} from 'rxkcp';
import { describe, expect, test } from 'vitest';
import { ack, packet, push, testScheduler, text, timedLabel, wask, words } from '../support/marbles.ts';

const alice: Address = { address: '10.0.0.1', port: 1000 };
const bob: Address = { address: '10.0.0.2', port: 1000 };

/** A server whose packets the test makes by hand. */
class Bench {
  readonly incoming = new Subject<PeerBurst>();
  readonly sent: string[] = [];
  readonly sessions: Session[] = [];
  readonly messages: string[] = [];
  readonly ends: SessionEnd[] = [];
  readonly subscription: Subscription;

  constructor(options: Partial<ListenOptions> = {}) {
    const link = {
      local: alice,
      incoming: this.incoming,
      outgoing: { next: ({ burst }: PeerBurst) => this.sent.push(...burst.map(timedLabel)) },
    };
    this.subscription = listen({ ackNoDelay: true, ...options, link }).subscribe((session) => {
      const name = this.sessions.push(session);
      session.pipe(map(words)).subscribe((word) => this.messages.push(`${name}:${word}`));
      session.closed$.subscribe((end) => this.ends.push(end));
    });
  }

  from(peer: Address, ...burst: Uint8Array[]): void {
    this.incoming.next({ peer, burst });
  }
}

describe('a server makes a session', () => {
  test('for each address whose packet carries segment 0', () => {
    const server = new Bench();
    server.from(alice, push(0, 'a', { conv: 7 }));
    server.from(bob, push(0, 'b', { conv: 0xffff_ffff }));
    server.from(alice, push(1, 'c', { conv: 7 }));
    expect(server.messages).toEqual(['1:a', '2:b', '1:c']);
    expect(server.sessions.map(({ conv, remote }) => [conv, remote])).toEqual([
      [7, alice],
      [0xffff_ffff, bob],
    ]);
    server.subscription.unsubscribe();
  });

  test('not from the middle of a conversation, and acknowledges nothing of it', () => {
    const server = new Bench({ receiveWindow: 32 });
    server.from(alice, push(32, 'beyond the window'));
    server.from(alice, push(0, 'has heard from another server', { una: 1, ts: 7 }));
    server.from(alice, ack(0, 0, 0));
    server.from(alice, packet({ cmd: 81, sn: 5, data: 'x' }, { cmd: 82, sn: 0 }));
    server.from(alice, new Uint8Array(24), new Uint8Array(3), packet({ cmd: 85 }));
    expect(server.sessions).toEqual([]);
    // To the one that has heard from here, that nothing of it is known.
    expect(server.sent).toEqual(['WINS sn=0 frg=0 una=0 wnd=32 ts=0 len=0']);
    server.subscription.unsubscribe();
  });

  test('with what came before its segment 0, once that has come, and not one ack earlier', () => {
    const server = new Bench();
    server.from(alice, push(2, 'c'), push(1, 'b'));
    expect(server.sessions).toEqual([]);
    expect(server.sent).toEqual([]);
    server.from(alice, push(0, 'a', { ts: 9 }));
    expect(server.messages).toEqual(['1:a', '1:b', '1:c']);
    // The timestamp of the packet that came last, or the sender would take the wait for a round trip.
    expect(server.sent).toEqual(['ACK sn=0 frg=16 una=3 wnd=125 ts=9 len=0']);
    server.subscription.unsubscribe();
  });

  test('with what came before that within its window, and not a segment beyond', () => {
    const server = new Bench({ receiveWindow: 32 });
    server.from(alice, push(31, 'last of the window'), push(32, 'beyond'));
    server.from(alice, push(0, 'a'));
    expect(server.messages).toEqual(['1:a']);
    expect(server.sent.map((label) => label.match(/ACK sn=\d+/g))).toEqual([['ACK sn=31', 'ACK sn=0']]);
    server.subscription.unsubscribe();
  });

  test('whose first packets no stranger displaces with a segment beyond the window', () => {
    for (const [sn, messages] of [
      [31, ['1:a']],
      [32, ['1:a', '1:b']],
    ] as const) {
      const server = new Bench({ receiveWindow: 32, backlog: 1 });
      server.from(bob, push(1, 'b'));
      server.from(alice, push(sn, 'x'));
      server.from(bob, push(0, 'a'));
      expect(server.messages).toEqual(messages);
      server.subscription.unsubscribe();
    }
  });

  test('with the last 32 packets that came before its segment 0, and none from before those', () => {
    for (const count of [32, 33]) {
      const server = new Bench();
      for (let sn = 1; sn <= count; sn++) server.from(alice, push(sn, `${sn}`));
      server.from(alice, push(0, '0'));
      // Where there were 33, the first is missing until it comes again.
      expect(server.messages.length).toBe(count === 32 ? 33 : 1);
      server.from(alice, push(1, '1'));
      expect(server.messages.length).toBe(count + 1);
      server.subscription.unsubscribe();
    }
  });

  test('without what came more than 100 ms before its segment 0', () => {
    for (const [wait, messages] of [
      [100, ['1:a', '1:b']],
      [101, ['1:a']],
    ] as const) {
      const scheduler = testScheduler();
      scheduler.run(() => {
        const server = new Bench({ scheduler });
        server.from(alice, push(1, 'b'));
        scheduler.schedule(() => {
          server.from(alice, push(0, 'a'));
          expect(server.messages).toEqual(messages);
          server.subscription.unsubscribe();
        }, wait);
      });
    }
  });

  test('after forgetting the oldest of the strangers over its backlog', () => {
    const server = new Bench({ backlog: 1 });
    server.from(alice, push(1, 'b'));
    server.from(bob, push(1, 'b'));
    server.from(alice, push(0, 'a'));
    server.from(bob, push(0, 'a'));
    expect(server.messages).toEqual(['1:a', '2:a', '2:b']);
    server.subscription.unsubscribe();
  });

  test('up to maxSessions, and again when there is room', () => {
    const server = new Bench({ maxSessions: 1, validate: 'off' });
    server.from(alice, push(0, 'a'));
    server.from(bob, push(0, 'b'));
    expect(server.sessions.length).toBe(1);
    server.sessions[0]?.close();
    server.from(bob, push(0, 'b'));
    expect(server.messages).toEqual(['1:a', '2:b']);
    server.subscription.unsubscribe();
  });
});

test('whoever subscribes in the handler of a session sees its first message', () => {
  const network = memoryNetwork();
  const seen: string[] = [];
  const server = listen({ link: network.hub }).subscribe((session) => {
    for (const name of ['x', 'y']) session.pipe(map(words)).subscribe((word) => seen.push(name + word));
  });
  const client = connect({ link: network.link() }).subscribe((session) => session.next(text('1')));
  expect(seen).toEqual(['x1', 'y1']);
  client.unsubscribe();
  server.unsubscribe();
});

describe('a server', () => {
  test('answers a probe of one who has sent nothing yet, and remembers nothing', () => {
    const server = new Bench({ receiveWindow: 77 });
    server.from(alice, wask({ conv: 3 }));
    server.from(alice, wask({ conv: 3, una: 1 }));
    expect(server.sent).toEqual(['WINS sn=0 frg=0 una=0 wnd=77 ts=0 len=0']);
    expect(server.sessions).toEqual([]);
    server.subscription.unsubscribe();
  });

  test('answers no probe of another conversation than the one that goes on with its address', () => {
    const server = new Bench();
    server.from(alice, push(0, 'a', { conv: 1 }));
    const sent = server.sent.length;
    server.from(alice, wask({ conv: 2 }));
    expect(server.sent.slice(sent)).toEqual([]);
    server.from(alice, wask({ conv: 1 }), push(1, 'b', { conv: 1 }));
    expect(server.sent.slice(sent).join()).toMatch(/WINS/);
    server.subscription.unsubscribe();
  });

  test('replaces a session when its address begins another conversation, and only then, if it is to do so at once', () => {
    const server = new Bench({ takeover: 'at-once' });
    server.from(alice, push(0, 'old', { conv: 1 }));
    server.from(alice, push(5, 'stray', { conv: 2 }), wask({ conv: 2 }), ack(0, 0, 0, { conv: 2 }));
    expect(server.ends).toEqual([]);
    server.from(alice, push(0, 'new', { conv: 2 }));
    expect(server.ends).toEqual([{ reason: 'peer' }]);
    expect(server.messages).toEqual(['1:old', '2:new']);
    server.subscription.unsubscribe();
  });

  test('does not take a late duplicate of an old conversation for a new one, for ten seconds', () => {
    const scheduler = testScheduler();
    scheduler.run(() => {
      const server = new Bench({ scheduler, takeover: 'at-once' });
      server.from(alice, push(0, 'old', { conv: 1 }));
      server.from(alice, push(0, 'new', { conv: 2 }));
      const again = push(0, 'old', { conv: 1 });
      scheduler.schedule(() => server.from(alice, again), 9999);
      scheduler.schedule(() => expect(server.messages).toEqual(['1:old', '2:new']), 9999);
      scheduler.schedule(() => server.from(alice, again), 10_000);
      scheduler.schedule(() => {
        expect(server.messages).toEqual(['1:old', '2:new', '3:old']);
        server.subscription.unsubscribe();
      }, 10_000);
    });
  });

  test('takes a first packet that its sender repeats for minutes for what it is, and one after a restart for a new beginning', () => {
    const scheduler = testScheduler();
    scheduler.run(() => {
      const server = new Bench({ scheduler });
      server.from(alice, push(0, 'old', { conv: 1, ts: 70_000 }));
      server.sessions[0]?.close();
      for (const at of [300, 900, 2100, 4500, 9300, 18_900, 38_100, 76_500, 136_500]) {
        scheduler.schedule(() => server.from(alice, push(0, 'old', { conv: 1, ts: 70_000 + at })), at);
      }
      scheduler.schedule(() => expect(server.messages).toEqual(['1:old']), 140_000);
      // Each time it is told that nobody is there; and its probes, which look like those of one who has yet to begin, are not answered.
      scheduler.schedule(() => {
        expect(server.sent.at(-1)).toBe('WINS sn=0 frg=2 una=0 wnd=128 ts=206500 len=0');
        const { length } = server.sent;
        server.from(alice, wask({ conv: 1 }));
        expect(server.sent.length).toBe(length);
      }, 140_000);
      scheduler.schedule(() => {
        server.from(alice, push(0, 'anew', { conv: 1, ts: 500 }));
        expect(server.messages).toEqual(['1:old', '2:anew']);
        server.subscription.unsubscribe();
      }, 140_000);
    });
  });

  test('closes its sessions and lets go of the link when unsubscribed from', () => {
    const server = new Bench();
    server.from(alice, push(0, 'a'));
    server.subscription.unsubscribe();
    expect(server.ends).toEqual([{ reason: 'closed' }]);
    expect(server.incoming.observed).toBe(false);
  });

  test('fails when the link fails, which ends its sessions, and each error is reported once', () => {
    const failure = new Error('link down');
    const incoming = new Subject<PeerBurst>();
    const seen: unknown[] = [];
    const link = { local: alice, incoming, outgoing: { next: () => {} } };
    listen({ link }).subscribe({
      next: (session) => {
        session.closed$.subscribe((end) => seen.push(end));
        session.subscribe({ error: () => seen.push('an error'), complete: () => seen.push('complete') });
      },
      error: (error) => seen.push(error),
    });
    incoming.next({ peer: bob, burst: [push(0, 'a')] });
    incoming.error(failure);
    expect(seen).toEqual([{ reason: 'failed', error: failure }, 'complete', failure]);
  });

  test('refuses options that are out of range, at once', () => {
    const { hub } = memoryNetwork();
    const attempts = [
      [{ link: hub, maxSessions: 0 }, 'option maxSessions must be an integer from 1 to 1000000, got 0'],
      [{ link: hub, backlog: 70_000 }, 'option backlog must be an integer from 1 to 4096, got 70000'],
      [{ link: {} }, 'option link must be an object with incoming'],
      [{}, 'option port must be an integer from 0 to 65535, got undefined'],
      [{ port: 65_536 }, 'option port must be an integer from 0 to 65535, got 65536'],
      [{ port: 0, host: 7 }, 'option host must be a host name or an IP address, got 7'],
      [{ port: 0, recvBufferSize: 0 }, 'option recvBufferSize must be an integer from 1 to 2147483647, got 0'],
      [{ port: 0, onListening: 'x' }, 'option onListening must be a function, got "x"'],
      [{ port: 0, mtu: 20 }, 'option mtu must be an integer from 50 to 1472, got 20'],
      [undefined, 'option options must be an object, got undefined'],
    ] as const;
    for (const [options, message] of attempts) {
      const attempt = (): unknown => listen(options as never);
      expect(attempt).toThrow(OptionError);
      expect(attempt).toThrow(message);
    }
  });
});

test('ten thousand idle sessions without an idle timeout wake nothing up in 60 s', () => {
  const scheduler = testScheduler();
  scheduler.run(() => {
    const network = memoryNetwork();
    const served: Session[] = [];
    const all: Subscription[] = [];
    let schedulings = 0;
    const counting = {
      now: () => scheduler.now(),
      schedule: (...task: Parameters<typeof scheduler.schedule>) => {
        schedulings++;
        return scheduler.schedule(...task);
      },
    } as typeof scheduler;
    all.push(
      listen({ link: network.hub, scheduler: counting, idleTimeout: 0 }).subscribe((session) => {
        served.push(session);
        session.subscribe(session);
      }),
    );
    let echoes = 0;
    for (let i = 0; i < 10_000; i++) {
      const link = network.link({ address: '10.1.0.0', port: i });
      all.push(
        connect({ link, scheduler: counting }).subscribe((session) => {
          session.subscribe(() => echoes++);
          session.next(text('hello'));
        }),
      );
    }
    let settled = 0;
    scheduler.schedule(() => {
      expect([served.length, echoes]).toEqual([10_000, 10_000]);
      settled = schedulings;
    }, 1000);
    scheduler.schedule(() => {
      expect(schedulings).toBe(settled);
      expect(scheduler.actions.filter(({ closed }) => !closed).length).toBe(0);
      for (const subscription of all) subscription.unsubscribe();
    }, 61_000);
  });
});

test('a client that says nothing stays alive at a server of ours, and notices when it is gone', () => {
  const scheduler = testScheduler();
  scheduler.run(({ expectObservable }) => {
    const network = memoryNetwork();
    const server = listen({ link: network.hub, scheduler }).subscribe();
    const failures = new Subject<unknown>();
    connect({ link: network.link(), conv: 1, scheduler, idleTimeout: 1000 }).subscribe((session) => {
      session.subscribe({ error: (error) => failures.next(error) });
    });
    scheduler.schedule(() => server.unsubscribe(), 5250);
    expectObservable(failures, '10s !').toBe('6000ms e', { e: new IdleTimeoutError(1, 1000) });
  });
});

test('a server on a link of its own refuses options that are none, and says on which address it listens', () => {
  const { hub } = memoryNetwork();
  expect(() => listen({ link: hub, maxSesions: 3 } as never)).toThrow(/maxSesions.*maxSessions/);
  const heard: unknown[] = [];
  listen({ link: hub, onListening: (local) => heard.push(local) })
    .subscribe()
    .unsubscribe();
  expect(heard).toEqual([hub.local]);
});
