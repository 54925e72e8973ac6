// Every cipher of kcp-go, against kcp-go: what either end seals the other opens; what is forged, or sealed with another
// key or cipher, is counted, and that is all.

import { deriveKey, snmp } from 'rxkcp';
import { expect, test } from 'vitest';
import { CIPHER_NAMES, type CipherName, KEY_BYTES } from '../support/ciphers.ts';
import { eventually } from '../support/eventually.ts';
import { badNetwork, through } from './support/bad-network.ts';
import type { Cleanup } from './support/cleanup.ts';
import { type Conversation, expectIntact, goToOurs, oursToGo } from './support/conversations.ts';
import { type Encryption, encryption, ourCipher } from './support/encryption.ts';
import { kcpGo } from './support/go-build.ts';
import { startGoClient, startGoServer } from './support/go-peer.ts';
import { dial, startOurServer } from './support/our-ends.ts';
import { Pattern } from './support/pattern.ts';
import { describeWith } from './support/peer-presence.ts';
import { goFlags, ourOptions } from './support/settings.ts';
import { Wiretap } from './support/wiretap.ts';

const settings = { mode: 'fast3', window: 128, mtu: 1400 } as const;

const conversations = CIPHER_NAMES.map((name, row): Conversation & { encryption: Encryption } => {
  const mtu = [1400, 576, 1472][row % 3] as number;
  return { ...settings, mtu, work: 'echo', bytes: 1 << 20, seed: 1100 + row, encryption: encryption(name, 1200 + row) };
});

const directions = [
  ['our client and a kcp-go server', oursToGo],
  ['a kcp-go client and our server', goToOurs],
] as const;

for (const [direction, converse] of directions) {
  describeWith(kcpGo, `${direction}, encrypted`, () => {
    for (const conversation of conversations) {
      const { mtu, seed } = conversation;
      const { name } = conversation.encryption;

      test.concurrent(`understand each other, in datagrams as long as the MTU: ${name}, MTU ${mtu}`, async ({
        onTestFinished,
      }) => {
        let wiretap: Wiretap | undefined;
        const route = async (port: number, cleanup: Cleanup): Promise<number> => {
          wiretap = await Wiretap.open(port, cleanup);
          return wiretap.port;
        };
        const outcome = await converse({ ...conversation, route }, onTestFinished);
        expectIntact(outcome, conversation);
        expect([wiretap?.longestFromClient, wiretap?.longestFromServer]).toEqual([mtu, mtu]);
      });

      test.concurrent(`understand each other at 10 % lost each way: ${name}, MTU ${mtu}, seed ${seed}`, async ({
        onTestFinished,
      }) => {
        const route = through(badNetwork(0.1, seed));
        const outcome = await converse({ ...conversation, route }, onTestFinished);
        expectIntact(outcome, conversation);
      });
    }

    for (const name of ['aes-128', 'aes', '3des'] as const) {
      test.concurrent(`derive the same key from a password: ${name}`, async ({ onTestFinished }) => {
        const password = 'correct horse battery staple';
        const key = deriveKey(password).subarray(0, KEY_BYTES[name]);
        const peers = { ours: { name, key }, theirs: ['-crypt', name, '-password', password] };
        await expectToMeet(direction === directions[0][0], peers, onTestFinished);
      });
    }
  });
}

interface Peers {
  readonly ours: Encryption;
  /** Flags of the Go peer. */
  readonly theirs: readonly string[];
}

/** Three bytes there and back. */
async function expectToMeet(weDial: boolean, { ours, theirs }: Peers, cleanup: Cleanup): Promise<void> {
  const options = { ...ourOptions(settings), ...ourCipher(ours) };
  const flags = ['-work', 'echo', '-bytes', '3', ...goFlags(settings), ...theirs];
  if (weDial) {
    const { peer, port } = await startGoServer(flags, cleanup);
    const session = await dial(port, options, cleanup);
    session.next(Uint8Array.of(1, 2, 3));
    await expect(peer.event('done')).resolves.toMatchObject({ bytesReceived: 3 });
  } else {
    const server = await startOurServer(options, cleanup);
    server.sessions.subscribe((session) => session.subscribe(session));
    await expect(startGoClient(server.port, flags, cleanup).event('done')).resolves.toMatchObject({ bytesReceived: 3 });
  }
}

/** More than two thousand datagrams each way. */
const disturbed = { ...settings, window: 32, work: 'echo', bytes: 3 << 20 } as const;
/** Behind every so many datagrams of the client come forged ones, to both ends. */
const EACH = 10;

/** 0 to 60 bytes of noise; as much of the datagram; a bit of it flipped; all of it once more. */
function forgeries(seed: number): (datagram: Uint8Array) => Uint8Array[] {
  const noise = new Pattern(seed);
  let count = 0;
  return (datagram) => {
    count++;
    const length = count % 61;
    const flipped = Uint8Array.from(datagram);
    const bit = (count * 7919) % (8 * datagram.length);
    flipped[bit >> 3]! ^= 1 << (bit & 7);
    return [noise.take(length), datagram.subarray(0, Math.min(length, datagram.length - 1)), flipped, datagram];
  };
}

for (const [direction, converse] of directions) {
  describeWith(kcpGo, `an encrypted conversation between ${direction}`, () => {
    // One after the other: what our ends count here, they count for the whole process.
    for (const name of [
      'aes',
      'sm4',
      '3des',
      'blowfish',
      'salsa20',
      'xor',
      'none',
      'aes-128-gcm',
      'chacha20-poly1305',
    ] as const) {
      test(`is not disturbed by forged datagrams: ${name}`, async ({ onTestFinished }) => {
        const route = async (port: number, cleanup: Cleanup): Promise<number> => {
          const wiretap = await Wiretap.open(port, cleanup);
          const [toServer, toClient] = [forgeries(1301), forgeries(1302)];
          wiretap.onClient = () => {
            if (wiretap.fromClient % EACH !== 0 || wiretap.lastFromServer.length === 0) return;
            for (const forged of toServer(wiretap.lastFromClient)) wiretap.sendToServer(forged);
            for (const forged of toClient(wiretap.lastFromServer)) wiretap.sendToClient(forged);
          };
          return wiretap.port;
        };
        const before = snmp().InCsumErrors;
        const conversation = { ...disturbed, seed: 1300, encryption: encryption(name, 1303), route };
        const outcome = await converse(conversation, onTestFinished);
        expectIntact(outcome, conversation);
        expect(snmp().InCsumErrors - before).toBeGreaterThan(50);
        expect(outcome.theirs.InCsumErrors).toBeGreaterThan(50);
      });
    }
  });
}

/** Two ends that do not fit. */
const mismatches: readonly (readonly [ours: Encryption, theirs: Encryption])[] = [
  ...CIPHER_NAMES.filter((name) => name !== 'none').map(
    (name) => [encryption(name, 1401), encryption(name, 1402)] as const,
  ),
  ...(
    [
      ['aes-128', 'sm4'],
      ['tea', 'xtea'],
      ['aes', 'salsa20'],
      ['xor', 'none'],
      ['none', 'aes'],
      ['aes-256-gcm', 'aes'],
      ['3des', 'aes-192-gcm'],
      ['chacha20-poly1305', 'aes-256-gcm'],
    ] satisfies [CipherName, CipherName][]
  ).map(([ours, theirs]) => [encryption(ours, 1403), encryption(theirs, 1403)] as const),
];

function titleOf([ours, theirs]: (typeof mismatches)[number]): string {
  return ours.name === theirs.name ? `${ours.name}, another key` : `we ${ours.name}, they ${theirs.name}`;
}

/** What the other end would say. */
const sealed = (by: Encryption, seed: number): Uint8Array => {
  const [datagram] = ourCipher(by).cipher.seal([new Pattern(seed).take(100)]);
  return datagram as Uint8Array;
};

describeWith(kcpGo, 'nothing comes through to an end that has another key or cipher, and both ends count it', () => {
  for (const mismatch of mismatches) {
    const [ours, theirs] = mismatch;

    test(`from our client: ${titleOf(mismatch)}`, async ({ onTestFinished }) => {
      const flags = ['-work', 'echo', '-idle-report', ...goFlags({ ...settings, encryption: theirs })];
      const { peer, port } = await startGoServer(flags, onTestFinished);
      const wiretap = await Wiretap.open(port, onTestFinished);
      const session = await dial(wiretap.port, ourOptions({ ...settings, encryption: ours }), onTestFinished);
      let messages = 0;
      session.subscribe(() => messages++);
      session.next(new Uint8Array(100));
      await eventually(async () => {
        const report = await peer.report();
        expect(report.snmp.InCsumErrors).toBeGreaterThan(0);
        expect(report.snmp.PassiveOpens).toBe(0);
      });
      const before = snmp().InCsumErrors;
      wiretap.sendToClient(sealed(theirs, 1501));
      await eventually(() => expect(snmp().InCsumErrors).toBe(before + 1));
      expect([messages, session.closed, wiretap.fromServer]).toEqual([0, false, 0]);
    });

    test(`from a kcp-go client: ${titleOf(mismatch)}`, async ({ onTestFinished }) => {
      const before = snmp().InCsumErrors;
      const server = await startOurServer(ourOptions({ ...settings, encryption: ours }), onTestFinished);
      let sessions = 0;
      server.sessions.subscribe(() => sessions++);
      const wiretap = await Wiretap.open(server.port, onTestFinished);
      const flags = ['-work', 'ping', '-idle-report', ...goFlags({ ...settings, encryption: theirs })];
      const peer = startGoClient(wiretap.port, flags, onTestFinished);
      await eventually(() => expect(snmp().InCsumErrors).toBeGreaterThan(before));
      wiretap.sendToClient(sealed(ours, 1502));
      await eventually(async () => expect((await peer.report()).snmp.InCsumErrors).toBe(1));
      expect([sessions, wiretap.fromServer]).toEqual([0, 0]);
    });
  }
});
