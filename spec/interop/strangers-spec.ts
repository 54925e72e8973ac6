// What does not belong to a conversation does not disturb it, at either end: packets of another conversation, and noise,
// under the address of the real peer and from elsewhere.

import { createSocket } from 'node:dgram';
import { expect, test } from 'vitest';
import type { Cleanup } from './support/cleanup.ts';
import { type Conversation, expectIntact, goToOurs, oursToGo } from './support/conversations.ts';
import { kcpGo } from './support/go-build.ts';
import { Pattern } from './support/pattern.ts';
import { describeWith } from './support/peer-presence.ts';
import { Wiretap } from './support/wiretap.ts';

const CONV = 0;
const SN = 12;

/** More than two thousand datagrams each way. */
const conversation: Conversation = { work: 'echo', mode: 'fast3', window: 32, mtu: 1400, bytes: 3 << 20, seed: 80 };

/** A disturbance comes behind every so many datagrams of the client. */
const EACH = 10;

/** Slips something into both ends, over and over, while the conversation lasts. */
type Disturbance = (wiretap: Wiretap, serverPort: number, cleanup: Cleanup) => () => void;

/** The same packet, of another conversation. Not of one that begins: sn 0 would be a restarted peer. */
function otherConversation(packet: Uint8Array): Uint8Array {
  const other = Uint8Array.from(packet);
  const fields = new DataView(other.buffer);
  fields.setUint32(CONV, fields.getUint32(CONV, true) ^ 0x0101_0101, true);
  fields.setUint32(SN, fields.getUint32(SN, true) | 0x100, true);
  return other;
}

const foreignPackets: Disturbance = (wiretap) => () => {
  if (wiretap.lastFromClient.length === 0 || wiretap.lastFromServer.length === 0) return;
  wiretap.sendToServer(otherConversation(wiretap.lastFromClient));
  wiretap.sendToClient(otherConversation(wiretap.lastFromServer));
};

/** Any length, from nothing to a whole packet. */
function noises(seed: number): () => Uint8Array {
  const pattern = new Pattern(seed);
  let length = 0;
  return () => {
    length = (length + 97) % 1501;
    return pattern.take(length);
  };
}

const noise: Disturbance = (wiretap) => {
  const next = noises(81);
  return () => {
    if (wiretap.lastFromClient.length === 0) return;
    wiretap.sendToServer(next());
    wiretap.sendToClient(next());
  };
};

const noiseFromStrangers: Disturbance = (_wiretap, serverPort, cleanup) => {
  const next = noises(82);
  const socket = createSocket('udp4');
  cleanup(() => {
    socket.close();
  });
  return () => socket.send(next(), serverPort, '127.0.0.1');
};

for (const [direction, converse] of [
  ['our client and a kcp-go server', oursToGo],
  ['a kcp-go client and our server', goToOurs],
] as const) {
  describeWith(kcpGo, `a conversation between ${direction}`, () => {
    for (const [title, disturbance] of [
      ['packets of another conversation from the address of each end', foreignPackets],
      ['noise from the address of each end', noise],
      ['noise from strangers', noiseFromStrangers],
    ] as const) {
      test.concurrent(`is not disturbed by ${title}`, async ({ onTestFinished }) => {
        let disturbances = 0;
        const route = async (serverPort: number, cleanup: Cleanup): Promise<number> => {
          const wiretap = await Wiretap.open(serverPort, cleanup);
          const disturb = disturbance(wiretap, serverPort, cleanup);
          wiretap.onClient = () => {
            if (wiretap.fromClient % EACH !== 0) return;
            disturb();
            disturbances++;
          };
          return wiretap.port;
        };
        const outcome = await converse({ ...conversation, route }, onTestFinished);
        expectIntact(outcome, conversation);
        expect(disturbances).toBeGreaterThan(100);
      });
    }
  });
}
