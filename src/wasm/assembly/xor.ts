// XOR of whole bursts: with the keystream that OpenSSL made for them, or with the pad of the xor cipher.

import { DATAGRAMS, KEY, LENGTHS, nextAfter, STREAM } from './layout';

/**
 * Puts the first block of keystream, which is the same for all (CFB with a fixed IV) and lies at KEY, in front of each
 * datagram's stream, and XORs DATAGRAMS with STREAM. `blockBytes` is 8 or 16.
 */
export function feedback(count: i32, blockBytes: i32): void {
  let at = DATAGRAMS;
  for (let i = 0; i < count; i++) {
    const stream = at + (STREAM - DATAGRAMS);
    store<u64>(stream, load<u64>(KEY));
    if (blockBytes == 16) store<u64>(stream, load<u64>(KEY, 8), 8);
    at = nextAfter(at, load<i32>(LENGTHS + ((<usize>i) << 2)));
  }
  stream(at);
}

/** XORs what lies from DATAGRAMS to `end` with its STREAM. */
export function stream(end: usize): void {
  for (let at = DATAGRAMS; at < end; at += 16) {
    v128.store(at, v128.xor(v128.load(at), v128.load(at, STREAM - DATAGRAMS)));
  }
}

/** XORs each datagram with the first bytes of the pad at KEY, `padBytes` of them at most. */
export function pad(count: i32, padBytes: i32): void {
  let datagram = DATAGRAMS;
  for (let i = 0; i < count; i++) {
    const length = load<i32>(LENGTHS + ((<usize>i) << 2));
    const covered = min(length, padBytes);
    let done = 0;
    for (; done + 16 <= covered; done += 16) {
      const at = datagram + done;
      v128.store(at, v128.xor(v128.load(at), v128.load(KEY + done)));
    }
    for (; done < covered; done++) {
      const at = datagram + done;
      store<u8>(at, load<u8>(at) ^ load<u8>(KEY + done));
    }
    datagram = nextAfter(datagram, length);
  }
}
