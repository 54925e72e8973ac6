import { NEVER, of, throwError } from 'rxjs';
import { type Burst, memoryNetwork, memoryPair, type PeerBurst } from 'rxkcp';
import { arq } from 'rxkcp/operators';
import { impair, VirtualScheduler } from 'rxkcp/testing';
import { describe, expect, test } from 'vitest';
import { text, words } from '../support/marbles.ts';

/** What an end emits, in words. */
function recorded(log: string[]): { next(value: Burst | PeerBurst): void; error(): void; complete(): void } {
  return {
    next: (value) => log.push(('burst' in value ? value.burst : value).map(words).join(' ')),
    error: () => log.push('error'),
    complete: () => log.push('complete'),
  };
}

const burst: Burst = [text('x')];
const failing = throwError(() => new Error('my own'));

describe('an end in memory that completes or fails its outgoing side', () => {
  test('ends nothing at the other end of a pair', () => {
    const [left, right] = memoryPair();
    const log: string[] = [];
    right.incoming.subscribe(recorded(log));
    of(burst).subscribe(left.outgoing);
    failing.subscribe(left.outgoing);
    of(burst).subscribe(left.outgoing);
    expect(log).toEqual(['x', 'x']);
  });

  test('ends nothing at the hub of a network, and a hub ends no link', () => {
    const { hub, link } = memoryNetwork();
    const [one, other] = [link(), link()];
    const log: string[] = [];
    hub.incoming.subscribe(recorded(log));
    for (const { incoming } of [one, other]) incoming.subscribe(recorded(log));
    of(burst).subscribe(one.outgoing);
    failing.subscribe(one.outgoing);
    of(burst).subscribe(other.outgoing);
    const { local: peer = hub.local } = one;
    of({ peer, burst }).subscribe(hub.outgoing);
    failing.subscribe(hub.outgoing);
    of({ peer, burst }).subscribe(hub.outgoing);
    expect(log).toEqual(['x', 'x', 'x', 'x']);
  });

  test('ends nothing of an impaired link, which may be used again', () => {
    const scheduler = new VirtualScheduler();
    const [left, right] = memoryPair();
    const impaired = impair({ delay: 5, scheduler })(left);
    const log: string[] = [];
    right.incoming.subscribe(recorded(log));
    of(burst).subscribe(impaired.outgoing);
    scheduler.run();
    failing.subscribe(impaired.outgoing);
    of(burst).subscribe(impaired.outgoing);
    scheduler.run();
    expect(log).toEqual(['x', 'x']);
  });

  test('leaves the peer of a pipeline by hand open', () => {
    const scheduler = new VirtualScheduler();
    const [left, right] = memoryPair();
    const [near, far] = [arq({ conv: 1, scheduler }), arq({ conv: 1, scheduler })];
    const log: string[] = [];
    right.incoming.pipe(far.receive).subscribe({
      next: (message) => log.push(words(message)),
      complete: () => log.push('complete'),
    });
    NEVER.pipe(far.transmit).subscribe(right.outgoing);
    left.incoming.pipe(near.receive).subscribe();
    of(text('hello')).pipe(near.transmit).subscribe(left.outgoing);
    scheduler.run(10_000);
    expect(near.drained).toBe(true);
    expect(log).toEqual(['hello']);
  });
});
