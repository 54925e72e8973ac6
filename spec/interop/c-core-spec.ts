// Message mode against the C core: borders are kept, however many segments a message takes.

import { firstValueFrom, type Observable, take, toArray } from 'rxjs';
import type { ArqOptions, Session } from 'rxkcp';
import { expect, test } from 'vitest';
import { badNetwork, through } from './support/bad-network.ts';
import { C_FRAGMENTS_MAX, CEndpoint, cCore } from './support/c-endpoint.ts';
import type { Cleanup } from './support/cleanup.ts';
import { dial, startOurServer } from './support/our-ends.ts';
import { Pattern } from './support/pattern.ts';
import { describeWith } from './support/peer-presence.ts';
import { ourOptions, type Settings } from './support/settings.ts';

const CONV = 0x89ab_cdef;
/** A window must hold all fragments of a message, or its receiver never gets it together. */
const base = { window: 256, mode: 'fast3' } as const;
const OUR_FRAGMENTS_MAX = 255;

type Route = (serverPort: number, cleanup: Cleanup) => Promise<number>;

const networks: readonly (readonly [string, Route])[] = [
  ['on a clean network', async (port) => port],
  ['at 10 % lost each way (seed 71)', through(badNetwork(0.1, 71))],
];

/** Both directions at a time, in the same session. */
async function exchange(session: Session, peer: CEndpoint, mtu: number): Promise<void> {
  const segment = mtu - 24;
  const sizes = [1, segment, segment + 1, 10 * segment, 1, 100_000, segment - 1, 2 * segment];
  const pattern = new Pattern(mtu);
  const ours = [...sizes, OUR_FRAGMENTS_MAX * segment, 3].map((size) => pattern.take(size));
  const largest = C_FRAGMENTS_MAX * segment;
  const theirs = [...sizes, largest, 3].map((size) => pattern.take(Math.min(size, largest)));
  const received = Promise.all([collect(session, theirs.length), collect(peer.messages, ours.length)]);
  for (const message of theirs) peer.send(message);
  for (const message of ours) await session.send(message);
  const [toUs, toThem] = await received;
  expectSame(toUs, theirs);
  expectSame(toThem, ours);
}

function collect(messages: Observable<Uint8Array>, count: number): Promise<Uint8Array[]> {
  return firstValueFrom(messages.pipe(take(count), toArray()));
}

/** Lengths first: they tell more than a hundred kilobytes of differences. */
function expectSame(actual: readonly Uint8Array[], expected: readonly Uint8Array[]): void {
  expect(actual.map(({ length }) => length)).toEqual(expected.map(({ length }) => length));
  actual.forEach((message, index) => {
    expect(Buffer.compare(message, expected[index] as Uint8Array)).toBe(0);
  });
}

describeWith(cCore, 'messages to and from the C core', () => {
  for (const [network, route] of networks) {
    for (const mtu of [576, 1400, 1472]) {
      const settings: Settings = { ...base, mtu };
      const options: ArqOptions = { ...ourOptions(settings), stream: false };

      test.concurrent(`keep their borders, we being the client, ${network}: MTU ${mtu}`, async ({ onTestFinished }) => {
        const peer = await CEndpoint.open(CONV, settings, onTestFinished);
        const port = await route(peer.port, onTestFinished);
        const session = await dial(port, { ...options, conv: CONV }, onTestFinished);
        // The C end learns from the first datagram where to send its own.
        await session.send(Uint8Array.of(1));
        await firstValueFrom(peer.messages);
        await exchange(session, peer, mtu);
      });

      test.concurrent(`keep their borders, we being the server, ${network}: MTU ${mtu}`, async ({ onTestFinished }) => {
        const server = await startOurServer(options, onTestFinished);
        const port = await route(server.port, onTestFinished);
        const peer = await CEndpoint.open(CONV, settings, onTestFinished, port);
        peer.send(Uint8Array.of(1));
        const session = await firstValueFrom(server.sessions);
        expect(session.conv).toBe(CONV);
        await firstValueFrom(session);
        await exchange(session, peer, mtu);
      });
    }
  }
});
