import { expect, test } from 'vitest';
import { WindowProbe } from '../../../src/core/kcp/window-probe.ts';

const RTO = 200;

/** When WASKs are sent to a silent peer with a closed window, within `duration` ms from `now` on. */
function probesOf(probe: WindowProbe, now: number, duration: number): number[] {
  const times: number[] = [];
  const end = now + duration;
  for (let at = now; at < end; at += 10) if (probe.check(true, true, at, RTO)) times.push(at);
  return times;
}
const gaps = (times: readonly number[]): number[] => times.slice(1).map((at, i) => at - (times[i] as number));

test('a silent peer is asked a hundred times in a row, then ever less often, and as often as at first once it was heard', () => {
  const probe = new WindowProbe();
  const first = probesOf(probe, 0, 600_000);
  const dense = gaps(first)[10] as number;
  expect(dense).toBeLessThanOrEqual(7000);
  expect(Math.max(...gaps(first))).toBeGreaterThan(4 * dense);
  probe.heard();
  const again = gaps(probesOf(probe, 600_000, 30_000));
  expect(again.length).toBeGreaterThan(2);
  expect(Math.max(...again)).toBeLessThanOrEqual(2 * dense);
});
