// kcp-go's benchmarks of its ciphers (crypt_test.go), of CRC-32 and of its source of nonces (entropy_test.go).

import { CIPHER_NAMES } from '../../spec/support/ciphers.ts';
import { Child, type ChildEvent, numberOf } from '../child.ts';
import type { Sample, Subject, Work } from '../work.ts';

/** s for each figure, after warming up. */
const SECONDS = 0.4;

function timed(of: string, samples: (done: ChildEvent, subject: Subject) => readonly Sample[]): Work {
  return {
    name: `crypto/${of}`,
    subjects: ['rxkcp', 'kcp-go'],
    async run(subject, bench) {
      const child = new Child(bench.command(subject, 'crypt'), [`--of=${of}`, `--seconds=${SECONDS}`], 20_000);
      try {
        return samples(await child.event('done'), subject);
      } finally {
        await child.stop();
      }
    },
  };
}

/** Sealing and opening both count, as in kcp-go's benchmark. */
function cipher(name: string): Work {
  return timed(name, (done, subject) => {
    const bytes = 2 * numberOf(done, 'bytes');
    const ours = subject === 'rxkcp';
    // kcp-go has no bursts. Its benchmarks leave nonce and CRC-32 out, which rxkcp's ciphers cannot do.
    const figures = { 'burst of 32': ours ? 'ns32' : 'ns', 'burst of 1': ours ? 'ns1' : 'ns' };
    return [
      ...Object.entries(figures).map(([row, member]) => ({
        unit: `MB/s, ${row}`,
        value: perSecond(bytes, done, member),
      })),
      { unit: 'MB/s, burst of 32, both in full', value: perSecond(bytes, done, ours ? 'ns32' : 'nsSealed') },
    ];
  });
}

function perSecond(bytes: number, done: ChildEvent, member: string): number {
  return (bytes * 1e3) / numberOf(done, member);
}

function single(of: string): Work {
  return timed(of, (done) => [{ unit: 'MB/s', value: perSecond(numberOf(done, 'bytes'), done, 'ns') }]);
}

/** Heap of V8 for a packet that salsa20 seals and opens, in bursts of 32, over 10^6 packets. */
const memory: Work = {
  name: 'crypto/memory',
  subjects: ['rxkcp'],
  async run(subject, bench) {
    const child = new Child(bench.command(subject, 'crypt', ['--expose-gc']), ['--of=memory'], 60_000);
    try {
      const done = await child.event('done');
      return [
        { unit: 'B kept/packet', value: numberOf(done, 'kept') },
        { unit: 'B taken/packet', value: numberOf(done, 'taken') },
      ];
    } finally {
      await child.stop();
    }
  },
};

export const crypto: readonly Work[] = [...CIPHER_NAMES.map(cipher), single('crc32'), single('nonce'), memory];
