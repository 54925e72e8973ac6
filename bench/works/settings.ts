// Flags of the ends in kcp-go's own benchmarks (sess_test.go).

import { pbkdf2Sync } from 'node:crypto';

/** What dialSink and handleSink set, and all others too. */
export const BENCHMARK_SETTINGS = [
  '--stream=true',
  '--sndwnd=1024',
  '--rcvwnd=1024',
  '--nodelay=1,10,2,1',
  '--mtu=1400',
  '--sockbuf=4194304',
  '--sha=false',
] as const;

const KEY = pbkdf2Sync('testkey', 'testsalt', 4096, 32, 'sha1').toString('hex');
const SEALED = ['--crypt=salsa20', `--key=${KEY}`, `--ratelimit=${200 << 20}`];

/** What dialEcho, and echoServer with handleEcho, set in addition. The later `sockbuf` counts. */
export const ECHO_SETTINGS = {
  client: [...SEALED, '--fec=10/3', '--sockbuf=16777216'],
  server: [...SEALED, '--fec=10/1', '--dscp=46'],
} as const;
