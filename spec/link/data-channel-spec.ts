import { type Burst, connect, type DataChannelLike, dataChannelLink, OptionError, resetSnmp, snmp } from 'rxkcp';
import { VirtualScheduler } from 'rxkcp/testing';
import { describe, expect, test } from 'vitest';
import { text, words } from '../support/marbles.ts';

/** A channel in memory, as a browser's behaves. What is sent arrives at the other end at once, or waits while that is `stalled`. */
class FakeChannel extends EventTarget implements DataChannelLike {
  readyState = 'connecting';
  binaryType = 'blob';
  bufferedAmount = 0;
  stalled = false;
  /** Messages that were handed to it. */
  readonly sent: Uint8Array[] = [];
  peer: FakeChannel | undefined = undefined;

  send(data: Uint8Array<ArrayBuffer>): void {
    if (this.readyState !== 'open') throw new DOMException('readyState is not "open"', 'InvalidStateError');
    const copy = data.slice();
    this.sent.push(copy);
    if (this.stalled) this.bufferedAmount += copy.length;
    else this.peer?.arrive(this.peer.binaryType === 'arraybuffer' ? copy.buffer : new Blob([copy]));
  }

  arrive(data: unknown): void {
    this.dispatchEvent(Object.assign(new Event('message'), { data }));
  }

  open(): void {
    this.readyState = 'open';
    this.dispatchEvent(new Event('open'));
  }

  fail(error: Error): void {
    this.readyState = 'closed';
    this.dispatchEvent(Object.assign(new Event('error'), { error }));
    this.dispatchEvent(new Event('close'));
  }

  /** This end is closing, and so, in a moment, is the other. */
  close(): void {
    if (this.readyState === 'closing' || this.readyState === 'closed') return;
    this.readyState = 'closing';
    const { peer } = this;
    if (peer?.readyState === 'open') {
      peer.readyState = 'closing';
      peer.dispatchEvent(new Event('closing'));
    }
  }
}

function channels(): [FakeChannel, FakeChannel] {
  const [a, b] = [new FakeChannel(), new FakeChannel()];
  a.peer = b;
  b.peer = a;
  return [a, b];
}

/** A session over `channel`, and what becomes of it. */
function sessionOver(channel: FakeChannel, scheduler: VirtualScheduler) {
  const events: unknown[] = [];
  let next = (_bytes: Uint8Array): void => {};
  const subscription = connect({ link: dataChannelLink(channel), conv: 1, mode: 'fast3', scheduler }).subscribe(
    (session) => {
      next = (bytes) => session.next(bytes);
      session.subscribe({ next: (message) => events.push(words(message)), error: () => {} });
      session.closed$.subscribe((end) => events.push(end.reason === 'failed' ? end.error : end.reason));
    },
  );
  return { events, next: (bytes: Uint8Array) => next(bytes), subscription };
}

/** What the link of `channel` emits, in words. */
function incomingOf(channel: FakeChannel): string[] {
  const seen: string[] = [];
  dataChannelLink(channel).incoming.subscribe({
    next: (burst: Burst) => seen.push(burst.map(words).join(' ')),
    complete: () => seen.push('|'),
  });
  return seen;
}

describe('a link over a data channel', () => {
  test('carries a session', () => {
    const scheduler = new VirtualScheduler();
    const [near, far] = channels();
    near.open();
    far.open();
    const [a, b] = [sessionOver(near, scheduler), sessionOver(far, scheduler)];
    a.next(text('hello'));
    b.next(text('and back'));
    scheduler.run(100);
    expect([a.events, b.events]).toEqual([['and back'], ['hello']]);
  });

  test('drops what is sent before the channel opens; the session sends it again', () => {
    const scheduler = new VirtualScheduler();
    const [near, far] = channels();
    far.open();
    const [a, b] = [sessionOver(near, scheduler), sessionOver(far, scheduler)];
    a.next(text('early'));
    scheduler.run(150);
    expect(near.sent).toEqual([]);
    near.open();
    scheduler.run(1000);
    expect([a.events, b.events]).toEqual([[], ['early']]);
  });

  test('drops what the buffer of the channel has no room for', () => {
    const [near] = channels();
    near.open();
    near.stalled = true;
    const { outgoing } = dataChannelLink(near, { maxBufferedBytes: 2000 });
    outgoing.next([new Uint8Array(1200), new Uint8Array(800), new Uint8Array(1)]);
    outgoing.next([new Uint8Array(1)]);
    expect(near.sent.map(({ length }) => length)).toEqual([1200, 800]);
    near.bufferedAmount = 0;
    outgoing.next([new Uint8Array(3)]);
    expect(near.sent.map(({ length }) => length)).toEqual([1200, 800, 3]);
  });

  test('ends its session as `peer` when the channel closes, with data under way', () => {
    const scheduler = new VirtualScheduler();
    const [near, far] = channels();
    near.open();
    far.open();
    const a = sessionOver(near, scheduler);
    a.next(text('never acknowledged'));
    far.close();
    scheduler.run(60_000);
    expect(a.events).toEqual(['peer']);
    expect(near.readyState).toBe('closing');
  });

  test('closes the channel, and with it the session of the peer, when its session is closed', () => {
    const scheduler = new VirtualScheduler();
    const [near, far] = channels();
    near.open();
    far.open();
    const [a, b] = [sessionOver(near, scheduler), sessionOver(far, scheduler)];
    a.subscription.unsubscribe();
    scheduler.run(60_000);
    expect([a.events, b.events]).toEqual([['closed'], ['peer']]);
  });

  test('ends at once, each time, over a channel that was closed before', () => {
    for (const state of ['closing', 'closed']) {
      const [near] = channels();
      near.readyState = state;
      expect(incomingOf(near)).toEqual(['|']);
      expect(incomingOf(near)).toEqual(['|']);
    }
  });

  test('fails its session when the channel fails', () => {
    const scheduler = new VirtualScheduler();
    const [near] = channels();
    near.open();
    const a = sessionOver(near, scheduler);
    const cause = new Error('transport is gone');
    near.fail(cause);
    expect(a.events).toEqual([expect.objectContaining({ code: 'ERR_SOCKET', cause })]);
  });

  test('takes ArrayBuffers, views and Blobs; drops and counts other messages', async () => {
    resetSnmp();
    const [near] = channels();
    near.open();
    const seen = incomingOf(near);
    expect(near.binaryType).toBe('arraybuffer');
    near.arrive(text('buffer').buffer);
    near.arrive(text('a view').subarray(2));
    near.arrive(new DataView(text('data view').buffer, 5));
    near.arrive('text');
    near.arrive(new Uint8Array(1501));
    near.arrive(undefined);
    near.arrive(new Blob(['blob']));
    near.arrive({ arrayBuffer: () => Promise.reject(new Error('gone')) });
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(seen).toEqual(['buffer', 'view', 'view', 'blob']);
    expect(snmp().InErrs).toBe(4);
  });

  test('lets go of the channel when it is unsubscribed from, and emits nothing of a Blob that was being read', async () => {
    const [near] = channels();
    near.open();
    const seen: Burst[] = [];
    const subscription = dataChannelLink(near).incoming.subscribe((burst) => seen.push(burst));
    near.arrive(new Blob(['late']));
    subscription.unsubscribe();
    near.arrive(text('later').buffer);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(seen).toEqual([]);
    expect(near.readyState).toBe('closing');
  });

  test.each([0, 1499, (1 << 24) + 1, 2.5, '9999'])('refuses maxBufferedBytes %o', (maxBufferedBytes) => {
    expect(() => dataChannelLink(channels()[0], { maxBufferedBytes } as never)).toThrow(OptionError);
  });

  test('refuses an option that it does not have', () => {
    expect(() => dataChannelLink(channels()[0], { maxBuffered: 9999 } as never)).toThrow(/maxBufferedBytes/);
  });
});
