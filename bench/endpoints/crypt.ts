// Times ciphers, the checksum and the source of nonces, as spec/interop/peers/go/cmd/crypt does for kcp-go.

import { parseArgs } from 'node:util';
import * as rxkcp from 'rxkcp';
import { CIPHER_NAMES, type CipherName, KEY_BYTES, makeCipher } from '../../spec/support/ciphers.ts';
import { ReusedMemory } from '../../src/bytes/reused-memory.ts';
import { crc32 } from '../../src/core/crypto/crc32.ts';
import { entropyFrom } from '../../src/core/crypto/entropy.ts';
import { loadKernel } from '../../src/wasm/kernel.ts';
import { DATAGRAMS_AT } from '../../src/wasm/layout.ts';

/** Bytes of a datagram. */
const DATAGRAM = 1472;
/** What kcp-go's BenchmarkCRC32 sums up, and what its BenchmarkCsprngAES128 draws, in bytes. */
const CRC_BYTES = 1024;
const NONCE_BYTES = 16;
/** Operations between two looks at the clock, of bursts and of what takes less than a microsecond. */
const BATCH = 16;
const SHORT_BATCH = 1024;
const BURST = 32;
const MILLION = 1e6;

const { values } = parseArgs({ options: { of: { type: 'string' }, seconds: { type: 'string', default: '0.5' } } });
const seconds = Number(values.seconds);

console.log(JSON.stringify({ event: 'done', ...figures(values.of ?? '') }));

function figures(what: string): object {
  if (what === 'crc32') {
    const content = new Uint8Array(CRC_BYTES);
    const kernel = loadKernel();
    // The fast ciphers' own, in the memory where their datagrams lie.
    const sum = kernel === undefined ? () => crc32(content) : () => kernel.crc32(DATAGRAMS_AT, CRC_BYTES);
    return { bytes: CRC_BYTES, ns: measure(sum) };
  }
  if (what === 'nonce') {
    const nonce = new Uint8Array(NONCE_BYTES);
    const entropy = entropyFrom();
    return { bytes: NONCE_BYTES, ns: measure(() => entropy.fill(nonce, NONCE_BYTES)) };
  }
  if (what === 'memory') return memory();
  const name = CIPHER_NAMES.find((one) => one === what);
  if (name === undefined) throw new Error(`there is no cipher ${what}`);
  const [one, burst] = [sealAndOpen(name, 1), sealAndOpen(name, BURST)];
  loop(seconds / 2, one);
  loop(seconds / 2, burst);
  return { bytes: DATAGRAM, ns1: loop(seconds, one), ns32: loop(seconds, burst) / BURST };
}

/** What salsa20 takes of V8's heap, in bytes per packet: while it works, and for good. Needs --expose-gc. */
function memory(): object {
  const gc = (globalThis as { gc?: () => void }).gc;
  if (gc === undefined) throw new Error('run with --expose-gc');
  const operation = sealAndOpen('salsa20', BURST);
  const used = (): number => process.memoryUsage().heapUsed;
  const grown = (bursts: number, after: () => void): number => {
    gc();
    const before = used();
    for (let i = 0; i < bursts; i++) operation();
    after();
    return (used() - before) / (bursts * BURST);
  };
  grown(2000, gc);
  // Too few to begin a collection.
  const taken = grown(32, () => {});
  return { taken, kept: grown(MILLION / BURST, gc) };
}

/** Seals a burst of `count` packets and opens it again; checked once. */
function sealAndOpen(name: CipherName, count: number): () => void {
  const cipher = makeCipher(rxkcp, name, random(KEY_BYTES[name]));
  // Side by side, as a session's.
  const length = DATAGRAM - cipher.overhead;
  const content = random(count * length);
  const packets = Array.from({ length: count }, (_, i) => content.subarray(i * length, (i + 1) * length));
  // As a session's on the native link: in use again when the datagrams have left.
  const memory = new ReusedMemory(count * DATAGRAM);
  const operation = (): Uint8Array[] => {
    memory.offset = 0;
    const opened = cipher.open(cipher.seal(packets, memory));
    if (opened.length !== count) throw new Error(`${opened.length} of ${count} datagrams were opened`);
    return opened;
  };
  if (operation().some((packet, i) => Buffer.compare(packet, packets[i] as Uint8Array) !== 0)) {
    throw new Error('what was opened is not what was sealed');
  }
  return operation;
}

function random(length: number): Uint8Array {
  return globalThis.crypto.getRandomValues(new Uint8Array(length));
}

function measure(operation: () => unknown): number {
  loop(seconds / 2, operation, SHORT_BATCH);
  return loop(seconds, operation, SHORT_BATCH);
}

/** ns of one call. */
function loop(duration: number, operation: () => unknown, batch = BATCH): number {
  const start = performance.now();
  let calls = 0;
  let took = 0;
  while (took < duration * 1000) {
    for (let i = 0; i < batch; i++) operation();
    calls += batch;
    took = performance.now() - start;
  }
  return (took * 1e6) / calls;
}
