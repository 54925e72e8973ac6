// What hostile datagrams cost (npm run bench:hostile). Three parts, of which flags choose one: `--only flood`, `--only fec` or `--only attack`.
//
// flood: a server under forged openers from random loopback addresses: `--rate`, 100000 per second, for `--seconds`, 60, over the links
// `--over`, native,dgram. Needs a C compiler.
// fec: the round trips of a client over loopback while another one sends FEC packets that are to cost the server as much as possible.
// attack: conversations with each AEAD of which an attacker on the path changes, repeats, reorders and invents datagrams: `--datagrams`, 1000000.

import { parseArgs } from 'node:util';
import { aesGcm, type Cipher, chacha20Poly1305 } from 'rxkcp';
import { converse } from '../../spec/testing/under-attack.ts';
import { fecStreams } from './fec-streams.ts';
import { flood } from './flood.ts';

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    datagrams: { type: 'string', default: '1000000' },
    rate: { type: 'string', default: '100000' },
    seconds: { type: 'string', default: '60' },
    over: { type: 'string', default: 'native,dgram' },
  },
});
const KEY = (bytes: number): Uint8Array => Uint8Array.from({ length: bytes }, (_, i) => 7 * i);
const AEADS: [name: string, cipher: Cipher][] = [
  ['aes-128-gcm', aesGcm(KEY(16))],
  ['aes-192-gcm', aesGcm(KEY(24))],
  ['aes-256-gcm', aesGcm(KEY(32))],
  ['chacha20-poly1305', chacha20Poly1305(KEY(32))],
];

const { only } = values;
if (only === undefined || only === 'flood')
  await flood(Number(values.rate), Number(values.seconds), values.over.split(','));
if (only === undefined || only === 'fec') await fecStreams();
if (only === undefined || only === 'attack')
  for (const [name, cipher] of AEADS) attackOn(name, cipher, Number(values.datagrams));

/** Prints what became of the messages. The exit status is 1 unless each came once, unchanged and in its turn. */
function attackOn(name: string, cipher: Cipher, wanted: number): void {
  const begun = performance.now();
  const { received, sent, datagrams, failures, acts } = converse(cipher, { seed: 1 }, wanted);
  const wrong = received.flatMap((each) => each.filter((number, i) => number !== i)).length;
  const missing = received.reduce((sum, each) => sum + sent - each.length, 0);
  const done = [...acts].map(([act, times]) => `${act} ${times}`).join(', ');
  const seconds = ((performance.now() - begun) / 1000).toFixed(0);
  console.log(
    `${name}: ${datagrams} datagrams attacked (${done}); ${2 * sent} messages, ${wrong} wrong, ${missing} missing, ` +
      `${failures.length} sessions failed; ${seconds} s`,
  );
  if (wrong + missing + failures.length > 0) process.exitCode = 1;
}
