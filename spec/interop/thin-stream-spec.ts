// Small messages at a steady pace over a network that loses, on a virtual clock: ours beside the C core, and against kcp-go's control
// block (its naive twin, which `reference-spec` holds to kcp-go itself).

import { describe, expect, test } from 'vitest';
import { bundling } from '../../src/core/kcp/bundle.ts';
import { BlockEndpoint, type EndpointOptions } from '../support/endpoint.ts';
import { KCP_GO, NaiveKcp } from '../support/naive-kcp.ts';
import { CBlock } from './support/c-block.ts';
import { cCore } from './support/c-endpoint.ts';
import { describeWith } from './support/peer-presence.ts';
import { thinStream, thinStreams } from './support/thin-stream.ts';

const SETTINGS: EndpointOptions = {
  ...{ conv: 1, nodelay: true, interval: 10, resend: 2, nc: true, mtu: 1400, stream: false, writeDelay: false },
  ...{ sendWindow: 1024, receiveWindow: 1024, ackNoDelay: false, start: 0, initialSn: { send: 0, receive: 0 } },
};
const RUNS = 6;

describeWith(cCore, 'without bundling, both acknowledging at once', () => {
  const settings = { ...SETTINGS, ackNoDelay: true };

  test.each([0.1, 0.2, 0.3])('a thin stream is no slower than with the C core at a loss of %d each way', (loss) => {
    const ours = thinStreams(RUNS, (seed) =>
      thinStream(new BlockEndpoint(settings), new BlockEndpoint(settings), loss, seed),
    );
    const theirs = thinStreams(RUNS, (seed) => {
      const ends = [new CBlock(settings), new CBlock(settings)] as const;
      const took = thinStream(...ends, loss, seed);
      for (const end of ends) end.release();
      return took;
    });
    expect(ours.p50).toBeLessThanOrEqual(theirs.p50);
    expect(ours.p99).toBeLessThanOrEqual(theirs.p99);
    expect(ours.bytes).toBeLessThanOrEqual(1.03 * theirs.bytes);
    expect(ours.datagrams).toBeLessThanOrEqual(theirs.datagrams);
  });
});

describe('against a kcp-go echo, which sends again by its own rules', () => {
  const kcpGo = () => new NaiveKcp(SETTINGS, KCP_GO);

  function bundled(): BlockEndpoint {
    const end = new BlockEndpoint(SETTINGS);
    end.block.configure({ bundle: bundling('adaptive') }, 0);
    return end;
  }

  // With nothing lost on the way there and each answer acknowledged at once, p99 would be 0.79, 0.68 and 0.66 of kcp-go's.
  test.each([
    [0.1, 0.84],
    [0.2, 0.78],
    [0.3, 0.74],
  ])('our end alone shortens p99 at a loss of %d each way, to %d, with no datagram more', (loss, share) => {
    const alone = thinStreams(RUNS, (seed) => thinStream(bundled(), kcpGo(), loss, seed));
    const none = thinStreams(RUNS, (seed) => thinStream(kcpGo(), kcpGo(), loss, seed));
    expect(alone.p99).toBeLessThan(share * none.p99);
    expect(alone.p50).toBeLessThan(none.p50);
    expect(alone.datagrams).toBeLessThan(none.datagrams);
  });
});
