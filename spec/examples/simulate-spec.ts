// npm run simulate: what is measured agrees with what the sessions count, and the page shows it and needs nothing else.

import { describe, expect, test } from 'vitest';
import { parseFlags } from '../../examples/simulate/flags.ts';
import { historyOf } from '../../examples/simulate/history.ts';
import { page } from '../../examples/simulate/page.ts';
import { type Scenario, simulate } from '../../examples/simulate/run.ts';
import { differences, type Setting, settingName } from '../../examples/simulate/setting.ts';

const scenario: Scenario = { loss: 0.2, burst: 1, rtt: 100, jitter: 0, length: 3000, rate: 50, size: 500, seed: 1 };
const setting: Setting = { mode: 'fast3', fec: { data: 10, parity: 3 }, window: 128, cwnd: false };
const run = simulate(scenario, setting);
const history = historyOf(run);

test('all messages arrive, each after half a round trip at least, and the same seed gives the same run', () => {
  expect(run).toMatchObject({ sent: 150, failure: undefined });
  expect(run.deliveries).toHaveLength(150);
  expect(Math.min(...run.deliveries.map(({ delay }) => delay))).toBe(50);
  expect(simulate(scenario, setting).deliveries).toEqual(run.deliveries);
  expect(simulate({ ...scenario, seed: 2 }, setting).deliveries).not.toEqual(run.deliveries);
});

test.each([setting, { ...setting, mode: 'normal', fec: undefined } as const])(
  'what is sent again is told apart as the sender counts it, %o',
  (each) => {
    // So many that some are sent again at the same ms for different reasons.
    const other = simulate({ ...scenario, rate: 400, loss: 0.3 }, each);
    const { transmissions, segments } = historyOf(other);
    const { fast, early, timeout } = other.retransmissions;
    const count = (reason: string): number => transmissions.filter((one) => one.reason === reason).length;
    expect([count('sent'), count('fast'), count('early'), count('timeout')]).toEqual([1200, fast, early, timeout]);
    expect(Math.min(fast + early, timeout)).toBeGreaterThan(5);
    for (const { sn, at, reason } of transmissions) {
      const before = transmissions.findLast((one) => one.sn === sn && one.at < at)?.at ?? 0;
      const isDoubted = segments.some(
        (one) => one.sn > sn && (one.ackedAt ?? at + 1) <= at && (one.ackedAt ?? 0) > before,
      );
      // A message may have had it sent once more in between; its timeout is what it was.
      const timed = transmissions.findLast((one) => one.sn === sn && one.at < at && one.reason !== 'opener')?.at ?? 0;
      if (reason === 'timeout') expect(at - timed).toBeGreaterThanOrEqual(each.mode === 'normal' ? 100 : 30);
      if (reason === 'fast' || reason === 'early') expect(isDoubted).toBe(true);
    }
  },
);

test('each segment arrives after it was sent and is acknowledged after that; some were rebuilt, of which all that was sent is lost or late', () => {
  for (const { sentAt, arrivedAt = 0, ackedAt = 0 } of history.segments) {
    expect(arrivedAt).toBeGreaterThanOrEqual(sentAt + 50);
    expect(ackedAt).toBeGreaterThanOrEqual(arrivedAt + 50);
  }
  const rebuilt = history.segments.filter(({ recovered }) => recovered);
  expect(rebuilt.length).toBeGreaterThan(3);
  expect(rebuilt.length).toBeLessThanOrEqual(run.recovered);
  for (const { sn, arrivedAt = 0 } of rebuilt) {
    const arrived = history.transmissions.filter((one) => one.sn === sn && !one.lost && one.at + 50 <= arrivedAt);
    expect(arrived).toEqual([]);
  }
});

describe('the page', () => {
  const other = simulate(scenario, { ...setting, ...differences('mode=normal, fec=off') });
  const html = page(run, other);

  test('shows every kind of event, as often as it was, and both settings', () => {
    // A sign is named once in each diagram it is in: at least in the one of the whole run.
    for (const reason of ['sent', 'sent again: early', 'sent again: timeout', 'lost on the way', 'rebuilt by FEC']) {
      expect(html.match(new RegExp(`segment \\d+, \\d+ ms: ${reason}`, 'g'))?.length, reason).toBeGreaterThan(0);
    }
    const rebuilt = history.segments.filter(({ recovered }) => recovered);
    for (const { sn, arrivedAt } of rebuilt) expect(html).toContain(`segment ${sn}, ${arrivedAt} ms: rebuilt by FEC`);
    for (const words of ['in flight', 'remote window', 'RTO', 'RTT, smoothed', 'p99', 'delivered, in order']) {
      expect(html).toContain(words);
    }
    for (const each of [run, other]) expect(html).toContain(settingName(each.setting));
    expect(html).not.toContain('cwnd');
    expect(html).not.toMatch(/NaN|undefined|Infinity/);
  });

  test('shows the congestion window where there is one', () => {
    expect(page(simulate(scenario, { ...setting, cwnd: true }), undefined)).toContain('cwnd');
  });

  test('is one file: it fetches nothing, and runs nothing', () => {
    expect(html.replaceAll('http://www.w3.org/', '')).not.toMatch(/https?:|<script|<link|<img|@import|url\(/);
  });
});

test('a network that lets nothing through makes a page, too, which says so', () => {
  const dead = simulate({ ...scenario, loss: 1, length: 200 }, setting);
  expect(dead.deliveries).toEqual([]);
  expect(page(dead, undefined)).toContain('a segment was sent 20 times in vain');
});

test.each([
  ['mode=slow', 'Of mode=slow: It must be one of normal, fast, fast2, fast3.'],
  ['fec=10', 'Of fec=10: It must be two integers from 1, 10/3 for instance, together at most 256.'],
  ['window=0', 'Of window=0: It must be an integer from 1 to 65535.'],
  ['cwnd', 'Of cwnd=: It must be on or off.'],
  ['loss=0', 'It must be like mode=normal,fec=off, of mode, fec, window, cwnd.'],
])('--versus %s is refused: %s', (text, message) => {
  expect(() => differences(text)).toThrow(message);
});

test('flags say what is simulated, what it is compared with, and where the page goes', () => {
  const given = '--loss 0.2 --rtt 100 --fec 10/3 --mode fast3 --length 3 --size 500 --versus mode=normal,fec=off';
  expect(parseFlags(['node', 'simulate', ...given.split(' '), '--open-file', 'out.html'])).toEqual({
    scenario,
    setting,
    versus: { ...setting, mode: 'normal', fec: undefined },
    file: 'out.html',
  });
});
