// The CRC-32 of a datagram, by whatever computes it fastest here.

import { crc32 } from '../core/crypto/crc32.ts';
import { loadKernel } from '../wasm/kernel.ts';
import { DATAGRAMS_AT, DATAGRAMS_BYTES } from '../wasm/layout.ts';

/** As an int32. */
export function checksum(bytes: Uint8Array): number {
  const kernel = loadKernel();
  if (kernel === undefined || bytes.length > DATAGRAMS_BYTES) return crc32(bytes) | 0;
  kernel.bytes.set(bytes, DATAGRAMS_AT);
  return kernel.crc32(DATAGRAMS_AT, bytes.length) | 0;
}
