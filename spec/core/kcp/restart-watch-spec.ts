// A peer that has forgotten the conversation, and packets that are only late.

import { describe, expect, test } from 'vitest';
import { RestartWatch } from '../../../src/core/kcp/restart-watch.ts';
import { ACK, PUSH, WINS } from '../../../src/core/kcp/segment.ts';

const RTO = 100;

/** At 1000 the peer has acknowledged something. */
function told(): RestartWatch {
  const watch = new RestartWatch();
  watch.agrees(1000, true);
  return watch;
}

describe('a packet whose una is less than what we were told', () => {
  test('is believed when nothing was told yet', () => {
    expect(new RestartWatch().disagrees(ACK, 2000, 60_000, RTO)).toBe(false);
  });

  test('is just late when it acknowledges what was sent before, and others came not long ago', () => {
    const watch = told();
    for (const at of [1001, 1250, 1500]) expect(watch.disagrees(ACK, 1000, at, RTO)).toBe(false);
    expect(watch.isCertain).toBe(false);
  });

  test('is from one who has forgotten when it acknowledges what was sent since; the second one makes it certain', () => {
    const watch = told();
    expect(watch.disagrees(ACK, 1001, 1020, RTO)).toBe(true);
    expect(watch.isCertain).toBe(false);
    expect(watch.disagrees(ACK, 1100, 1120, RTO)).toBe(true);
    expect(watch.isCertain).toBe(true);
  });

  test('is no proof when it echoes a time that is yet to come', () => {
    expect(told().disagrees(ACK, 1021, 1020, RTO)).toBe(false);
  });

  test('is a sign when nothing else came for 500 ms, and the third makes it certain', () => {
    const watch = told();
    expect(watch.disagrees(WINS, 0, 1500, RTO)).toBe(false);
    for (const at of [1501, 1600, 1700]) expect(watch.disagrees(WINS, 0, at, RTO)).toBe(true);
    expect(watch.isCertain).toBe(true);
  });

  test('is one sign with others that come within half an RTO: they were late together', () => {
    const watch = told();
    for (const at of [1501, 1501, 1520, 1550, 1599, 1600]) expect(watch.disagrees(PUSH, 0, at, RTO)).toBe(true);
    expect(watch.isCertain).toBe(false);
    watch.disagrees(PUSH, 0, 1650, RTO);
    expect(watch.isCertain).toBe(true);
  });

  test('is no sign when it acknowledges what was sent before, however late, and counts for nothing', () => {
    const watch = told();
    for (const at of [1501, 2000, 3000, 4000]) expect(watch.disagrees(ACK, 1000, at, RTO)).toBe(true);
    expect(watch.isCertain).toBe(false);
  });

  test('is a sign only after two RTOs, where those are longer', () => {
    expect(told().disagrees(WINS, 0, 1800, 400)).toBe(false);
    expect(told().disagrees(WINS, 0, 1801, 400)).toBe(true);
  });

  test('means nothing any more once one comes that knows all we were told', () => {
    const watch = told();
    for (const at of [2000, 2100]) watch.disagrees(WINS, 0, at, RTO);
    watch.agrees(2150, false);
    watch.disagrees(WINS, 0, 3000, RTO);
    expect(watch.isCertain).toBe(false);
  });
});
