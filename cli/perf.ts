// `rxkcp perf`: throughput to a server that reads, `rxkcp sink` or one of kcp-go; or both ways, with one that echoes.

import type { SessionOptions } from 'rxkcp';
import { dial } from './kcp-flags.ts';

export interface PerfOptions {
  /** Bytes to send. */
  readonly bytes: number;
  /** Bytes of one write. */
  readonly write: number;
  /** Whether the server sends everything back. */
  readonly echo: boolean;
}

/** What was measured: printed as JSON. */
export interface PerfResult {
  readonly bytes: number;
  readonly seconds: number;
  readonly bitsPerSecond: number;
  /** Smoothed round trip, ms. */
  readonly srtt: number;
  readonly segments: number;
  /** Segments sent again. */
  readonly sentAgain: number;
  /** Bytes of all packets, headers included, without those of FEC and encryption. */
  readonly wireBytes: number;
  /** User and system time of this process, s. */
  readonly cpuSeconds: number;
}

/** Rejects with what ended the session before all had arrived. */
export async function runPerf(address: string, options: SessionOptions, perf: PerfOptions): Promise<PerfResult> {
  const session = await dial(address, { ...options, allowHalfOpen: true });
  const begun = performance.now();
  const cpu = process.cpuUsage();
  let received = 0;
  const back = new Promise<void>((resolve, reject) => {
    session.subscribe({
      next: (bytes) => {
        received += bytes.length;
        if (received >= perf.bytes) resolve();
      },
      error: reject,
    });
    if (!perf.echo) resolve();
  });
  const chunk = new Uint8Array(perf.write);
  for (let left = perf.bytes; left > 0; left -= chunk.length)
    await session.send(chunk.subarray(0, Math.min(left, chunk.length)));
  // All that was sent is acknowledged, or back.
  if (perf.echo) await back;
  else await session.finish();
  const seconds = (performance.now() - begun) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  const { srtt, segmentsSent, retransmissions, wireBytesSent } = session.stats();
  session.close();
  return {
    bytes: perf.bytes,
    seconds: Number(seconds.toFixed(6)),
    bitsPerSecond: Math.round((8 * perf.bytes) / seconds),
    srtt,
    segments: segmentsSent,
    sentAgain: retransmissions.fast + retransmissions.early + retransmissions.timeout,
    wireBytes: wireBytesSent,
    cpuSeconds: (user + system) / 1e6,
  };
}
