// When a link takes another socket without being told to.

import { NEVER, Observable, of, throwError } from 'rxjs';
import type { Address } from 'rxkcp';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type OtherSockets, RebindableLink } from '../../../src/link/udp/rebindable-link.ts';

const wifi: Address = { address: '192.0.2.1', port: 1000 };
const sameWifi: Address = { address: '192.0.2.1', port: 1001 };
const cell: Address = { address: '198.51.100.1', port: 1002 };

/** A link whose next sockets have the addresses in `next`; an error is what the system says. */
class Pretended extends RebindableLink {
  readonly remote = { address: '203.0.113.1', port: 4000 };
  readonly sendsInOrder = true;
  readonly memory = undefined;
  readonly incoming = NEVER;
  readonly outgoing = { next: () => {} };
  readonly isCarrying = true;
  readonly next: (Address | Error)[] = [];
  /** What the socket on the port that was asked for has; an error is what the system says. None was asked for by default. */
  same: Address | Error | undefined;
  opened = 0;
  /** How often the own socket was left before there was another one. */
  left = 0;
  closed = 0;
  taken = 0;
  moves = 0;

  protected get others(): OtherSockets<this> {
    const onSamePort = this.same && this.#open(() => this.same);
    return { onAnyPort: this.#open(() => this.next.shift()), onSamePort };
  }

  #open(addressOf: () => Address | Error | undefined): Observable<this> {
    return new Observable<this>((subscriber) => {
      this.opened++;
      const address = addressOf();
      const result = address instanceof Error || !address ? throwError(() => address) : of(new Pretended(address));
      subscriber.add((result as Observable<this>).subscribe(subscriber));
      subscriber.add(() => this.closed++);
    });
  }

  protected leaveSocket(): void {
    this.left++;
  }

  override onMoved = (): void => void this.moves++;

  protected takeSocketOf(): void {
    this.taken++;
  }

  fail(code: string): void {
    this.mend(code);
  }
}

beforeEach(() => void vi.useFakeTimers({ toFake: ['performance'] }));
afterEach(() => void vi.useRealTimers());

const lost = ['EBADF', 'ENOTSOCK', 'ENOTCONN', 'EPIPE'];
const away = ['EADDRNOTAVAIL', 'EINVAL', 'ENETDOWN', 'ENETRESET', 'ENETUNREACH', 'EHOSTUNREACH'];

test.each(lost)('%s: the socket is gone, any other one helps', (code) => {
  const link = new Pretended(wifi);
  link.next.push(sameWifi);
  link.fail(code);
  expect(link.local).toEqual(sameWifi);
  expect(link).toMatchObject({ taken: 1, moves: 1, closed: 1 });
});

test.each(away)('%s: only a socket with another address helps', (code) => {
  const link = new Pretended(wifi);
  link.next.push(sameWifi, cell);
  link.fail(code);
  expect(link.local).toEqual(wifi);
  expect(link).toMatchObject({ taken: 0, moves: 0, closed: 1 });
  vi.advanceTimersByTime(1000);
  link.fail(code);
  expect(link.local).toEqual(cell);
  expect(link).toMatchObject({ taken: 1, moves: 1, closed: 2 });
});

test.each(['ECONNREFUSED', 'EPERM', 'EMSGSIZE', 'ENOBUFS', ''])('%s: no socket helps', (code) => {
  const link = new Pretended(wifi);
  link.fail(code);
  expect(link.opened).toBe(0);
});

test('an attempt is made once per second at most, and may fail', () => {
  const link = new Pretended(wifi);
  link.next.push(new Error('no network'), new Error('no network'), cell);
  for (let ms = 0; ms < 2500; ms += 100) {
    link.fail('ENETUNREACH');
    vi.advanceTimersByTime(100);
  }
  expect(link.opened).toBe(3);
  expect(link.local).toEqual(cell);
});

test('`rebind()` takes any socket, and fails as the system does', async () => {
  const link = new Pretended(wifi);
  const failure = new Error('no network');
  link.next.push(sameWifi, failure);
  expect(await link.rebind()).toEqual(sameWifi);
  await expect(link.rebind()).rejects.toBe(failure);
  expect(link.local).toEqual(sameWifi);
});

describe('a port that the program has asked for', () => {
  const cellOnSamePort: Address = { ...cell, port: wifi.port };

  function linkThatKeeps(same: Address | Error, next: Address): Pretended {
    const link = new Pretended(wifi);
    link.same = same;
    link.next.push(next);
    return link;
  }

  test.each(['EINVAL', 'EBADF'])('is kept when the socket is of no use any more (%s)', (code) => {
    const link = linkThatKeeps(cellOnSamePort, cell);
    link.fail(code);
    expect(link.local).toEqual(cellOnSamePort);
    expect(link).toMatchObject({ left: 1, taken: 1, moves: 1, opened: 2, closed: 2 });
  });

  test('is given up if another program has it by now', () => {
    const link = linkThatKeeps(new Error('in use'), cell);
    link.fail('EINVAL');
    expect(link.local).toEqual(cell);
    expect(link).toMatchObject({ left: 1, taken: 1, moves: 1 });
  });

  test('is not asked for while the address is the same: then the socket may still be needed', () => {
    const link = linkThatKeeps(cellOnSamePort, sameWifi);
    link.fail('EINVAL');
    expect(link.local).toEqual(wifi);
    expect(link).toMatchObject({ left: 0, taken: 0, opened: 1, closed: 1 });
  });

  test('is kept by `rebind()` if the address has changed, and otherwise is another one', async () => {
    const moved = linkThatKeeps(cellOnSamePort, cell);
    expect(await moved.rebind()).toEqual(cellOnSamePort);
    const unmoved = linkThatKeeps(cellOnSamePort, sameWifi);
    expect(await unmoved.rebind()).toEqual(sameWifi);
    expect(unmoved.left).toBe(0);
  });
});
