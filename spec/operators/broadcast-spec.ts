import { BehaviorSubject, map, NEVER, of, Subject } from 'rxjs';
import { InvalidMessageError, type Message, MessageTooLargeError, memoryPair, OptionError, type Session } from 'rxkcp';
import { type BroadcastOptions, broadcast } from 'rxkcp/operators';
import { impair, VirtualScheduler } from 'rxkcp/testing';
import { describe, expect, test } from 'vitest';
import { testScheduler, text, words } from '../support/marbles.ts';
import { open, pair } from '../support/sessions.ts';

/** Members of a group, what each hears, and where messages are said. */
class Group {
  readonly members = new Set<Session>();
  readonly heard: string[][] = [];
  readonly said = new Subject<Message>();
  readonly reached: number[] = [];
  readonly slow: [Session, string][] = [];

  constructor(options: BroadcastOptions<Session> = {}) {
    const onSlow = (member: Session, message: Message): void => {
      this.slow.push([member, words(message as Uint8Array)]);
    };
    this.said.pipe(broadcast(this.members, { onSlow, ...options })).subscribe((count) => this.reached.push(count));
  }

  /** A member with a window of two, whose other end reads if it `reads`. */
  join(reads = true): Session {
    const [member, far] = pair({ sendWindow: 2, receiveWindow: 2, ackNoDelay: true });
    const heard: string[] = [];
    this.heard.push(heard);
    if (reads) far.subscribe((message) => heard.push(words(message)));
    this.members.add(member);
    return member;
  }

  /** Closes all members, and completes the source. */
  end(): void {
    for (const member of this.members) member.close();
    this.said.complete();
  }

  say(...lines: string[]): void {
    for (const line of lines) this.said.next(text(line));
  }
}

const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 50));

describe('broadcast', () => {
  test('sends to those who are members at the time, and emits how many', async () => {
    const group = new Group();
    const first = group.join();
    group.say('a');
    group.join();
    group.say('b');
    await settled();
    group.members.delete(first);
    group.say('c');
    await settled();
    expect(group.heard).toEqual([
      ['a', 'b'],
      ['b', 'c'],
    ]);
    expect(group.reached).toEqual([1, 2, 1]);
    expect(first.closed).toBe(false);
  });

  test('leaves out those who have ended', async () => {
    const group = new Group();
    group.join();
    group.join().close();
    group.say('a');
    await settled();
    expect(group.reached).toEqual([1]);
    expect(group.heard).toEqual([['a'], []]);
  });

  test('a message to nobody is no error', () => {
    const group = new Group();
    group.say('a');
    expect(group.reached).toEqual([0]);
  });

  test('takes an Observable of sessions: each belongs to it until it ends', async () => {
    const joining = new Subject<Session>();
    const said = new Subject<Message>();
    const reached: number[] = [];
    said.pipe(broadcast(joining)).subscribe((count) => reached.push(count));
    const [[a], [b]] = [pair(), pair()];
    joining.next(a);
    joining.next(a);
    joining.next(b);
    said.next(text('one'));
    a.close();
    joining.complete();
    said.next(text('two'));
    expect(reached).toEqual([2, 1]);
    b.close();
  });

  test('passes on an error of the Observable of sessions, and lets go of its source', () => {
    const failure = new Error('no more');
    const joining = new Subject<Session>();
    const said = new Subject<Message>();
    let error: unknown;
    said.pipe(broadcast(joining)).subscribe({ error: (e) => (error = e) });
    joining.error(failure);
    expect(error).toBe(failure);
    expect(said.observed).toBe(false);
  });

  test('unsubscribing closes nobody, and watches nobody any more', () => {
    const congested$ = new BehaviorSubject(false);
    const member = { closed: false, closed$: NEVER, congested$ } as unknown as Session;
    const subscription = new Subject<Message>().pipe(broadcast(of(member))).subscribe();
    expect(congested$.observed).toBe(true);
    subscription.unsubscribe();
    expect(congested$.observed).toBe(false);
  });

  describe('disconnect, the default', () => {
    test('queues for a slow one up to queueBytes, and closes it beyond', async () => {
      const group = new Group({ queueBytes: 3 });
      group.join();
      const slow = group.join(false);
      for (const line of ['1', '2', '3', '4', '5', '6', '7', '8', '9']) {
        group.say(line);
        await settled();
      }
      expect(slow.closed).toBe(true);
      expect(group.heard[0]).toEqual(['1', '2', '3', '4', '5', '6', '7', '8', '9']);
      // Two in its receive window; then, none of them acknowledged into a window, up to three bytes in the queue.
      expect(group.slow).toHaveLength(1);
      expect(group.slow[0]?.[0]).toBe(slow);
      expect(group.reached.at(-1)).toBe(1);
    });
  });

  describe('drop', () => {
    test('leaves out those whose window is full', async () => {
      const group = new Group({ slow: 'drop' });
      group.join();
      const slow = group.join(false);
      // Two in its receive window, two in the send window.
      group.say('1', '2', '3', '4', '5');
      await settled();
      expect(group.reached).toEqual([2, 2, 2, 2, 1]);
      expect(slow.closed).toBe(false);
      expect(group.slow).toEqual([[slow, '5']]);
      expect(group.heard[0]).toEqual(['1', '2', '3', '4', '5']);
    });
  });

  describe('wait', () => {
    test('goes at the pace of the slowest', () => {
      const scheduler = testScheduler();
      scheduler.run(({ cold, expectObservable }) => {
        const ends = [0, 20].map((delay) => {
          const [left, right] = memoryPair();
          const options = { scheduler, sendWindow: 1, ackNoDelay: true };
          return [open(impair({ delay, scheduler })(left), options), open(right, options)] as const;
        });
        const members = ends.map(([near]) => near);
        const said = cold('(abc|)').pipe(map(text), broadcast(members, { slow: 'wait' }));
        expectObservable(said, '^ 299ms !').toBe('2 39ms 2 39ms (2|)', { 2: 2 });
        for (const [, far] of ends.slice(0, 1)) {
          expectObservable(far.pipe(map(words)), '^ 299ms !').toBe('(ab) 36ms c');
        }
      });
    });

    test('does not wait for one who ends', () => {
      const scheduler = new VirtualScheduler();
      const [left, right] = memoryPair();
      const near = open(left, { scheduler, sendWindow: 1 });
      open(right, { scheduler });
      // Nobody is there.
      const [alone] = memoryPair();
      const vanished = open(alone, { scheduler, sendWindow: 1 });
      const reached: number[] = [];
      const said = of(text('a'), text('b'), text('c'));
      said.pipe(broadcast([near, vanished], { slow: 'wait' })).subscribe((count) => reached.push(count));
      scheduler.run(1000);
      expect(reached.length).toBeLessThan(3);
      vanished.close();
      scheduler.run(2000);
      expect(reached).toHaveLength(3);
      expect(reached.at(-1)).toBe(1);
      near.close();
    });
  });

  describe('callbacks', () => {
    test('a message from within one comes after the current one, for all members', async () => {
      const group = new Group({ queueBytes: 1 });
      group.join();
      const slow = group.join(false);
      group.join();
      slow.closed$.subscribe(() => group.say('left'));
      for (const line of ['1', '2', '3', '4', '5', '6']) {
        group.say(line);
        await settled();
      }
      expect(slow.closed).toBe(true);
      expect(group.heard[0]).toContain('left');
      expect(group.heard[2]).toEqual(group.heard[0]);
      expect(group.reached.filter((count) => count !== 3 && count !== 2)).toEqual([]);
      expect(group.reached).toHaveLength(7);
    });

    test('members that one closes do not count, and the source may complete in one', () => {
      const group = new Group({ queueBytes: 1, onSlow: () => group.end() });
      for (let i = 0; i < 3; i++) group.join(false);
      group.say('1', '2', '3', '4', '5');
      expect(group.reached).toEqual([3, 3, 3, 3, 0]);
      expect([...group.members].every(({ closed }) => closed)).toBe(true);
    });

    test('unsubscribing in one sends and closes no more', () => {
      const members = [pair({ sendWindow: 1 })[0], pair({ sendWindow: 1 })[0]];
      const said = new Subject<Message>();
      const subscription = said
        .pipe(broadcast(members, { queueBytes: 1, onSlow: () => subscription.unsubscribe() }))
        .subscribe();
      for (const line of ['1', '2', '3']) said.next(text(line));
      expect(members.map(({ closed }) => closed)).toEqual([true, false]);
      expect(members[1]?.stats().queued).toBe(1);
      members[1]?.close();
    });
  });

  test('a member that sends its last messages is skipped', () => {
    const group = new Group();
    const member = group.join(false);
    group.say('1', '2', '3');
    member.complete();
    group.say('4');
    expect(member.closed).toBe(false);
    expect(group.reached).toEqual([1, 1, 1, 0]);
    member.close();
  });

  test('a session whose own limits are lower fails, and onSlow is called', () => {
    const group = new Group();
    const [member, far] = pair({ sendWindow: 2, sendQueueSegments: 2 });
    group.members.add(member);
    group.say('1', '2', '3', '4', '5', '6');
    expect(member.closed).toBe(true);
    expect(group.reached).toEqual([1, 1, 1, 1, 0, 0]);
    expect(group.slow).toEqual([[member, '5']]);
    far.close();
  });

  test('onSlow is called per member whose send queue is full while others wait', () => {
    const group = new Group({ slow: 'wait' });
    const [member, far] = pair({ sendWindow: 1, sendQueueBytes: 3 });
    group.members.add(member);
    for (const line of ['a', 'bcd']) member.next(text(line));
    group.say('e');
    expect(group.slow).toEqual([[member, 'e']]);
    expect(group.reached).toEqual([0]);
    expect(member.closed).toBe(false);
    member.close();
    far.close();
  });

  test('can wait for 200,000 members', () => {
    const member = {
      closed: false,
      closed$: NEVER,
      congested$: NEVER,
      isCompleting: false,
      messageMax: 9,
      next: () => {},
      send$: () => of(undefined),
    };
    const members = Array.from({ length: 200_000 }, () => ({ ...member }) as unknown as Session);
    const reached: number[] = [];
    of(text('x'))
      .pipe(broadcast(members, { slow: 'wait' }))
      .subscribe((count) => reached.push(count));
    expect(reached).toEqual([200_000]);
  });

  test('sends nobody what is no message, or is too large for one', () => {
    const [[a], [b]] = [pair(), pair({ mtu: 100 })];
    const errors: unknown[] = [];
    for (const message of [new Uint8Array(0), 'text', new Uint8Array(b.messageMax + 1)]) {
      of(message as Uint8Array)
        .pipe(broadcast([a, b]))
        .subscribe({ error: (error) => errors.push(error) });
    }
    expect(errors.map((error) => (error as Error).constructor)).toEqual([
      InvalidMessageError,
      InvalidMessageError,
      MessageTooLargeError,
    ]);
    expect(a.closed || b.closed).toBe(false);
    expect(a.stats().queued + a.stats().inFlight).toBe(0);
    a.close();
    b.close();
  });

  test.each<[string, () => unknown]>([
    ['members', () => broadcast(undefined as never)],
    ['members', () => broadcast(7 as never)],
    ['slow', () => broadcast(NEVER, { slow: 'close' as never })],
    ['queueBytes', () => broadcast([], { queueBytes: 0 })],
    ['onSlow', () => broadcast([], { onSlow: 1 as never })],
    ['slwo', () => broadcast([], { slwo: 'drop' } as never)],
  ])('refuses a wrong %s', (option, make) => {
    expect(make).toThrow(OptionError);
    expect(make).toThrow(option);
  });
});
