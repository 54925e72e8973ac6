// keepAlive: the longest time in which an end sends nothing.

import { OptionError } from 'rxkcp';
import { pair } from 'rxkcp/testing';
import { describe, expect, test } from 'vitest';
import { text } from '../support/marbles.ts';

/** When each end sent something, and what, in virtual ms. */
function sendings(entries: readonly { at: number; what: string; from: string }[], side: string): number[] {
  return entries.filter(({ what, from }) => what === 'sent' && from === side).map(({ at }) => at);
}

const gaps = (times: readonly number[]): number[] => times.slice(1).map((at, i) => at - (times[i] as number));

describe('keepAlive', () => {
  test('lets no more than that pass without a datagram, and adds none to traffic that keeps it', () => {
    const { left, run, transcript, close } = pair({ options: { mode: 'fast3' }, left: { keepAlive: 5000 } });
    left.send(text('hello'));
    run(60_000);
    const sent = sendings(transcript.entries, 'left');
    expect(sent).toEqual([0, ...Array.from({ length: 12 }, (_, i) => 5000 * (i + 1))].filter((at) => at <= 60_000));
    for (let at = 60_000; at < 70_000; at += 1000) {
      run(at);
      left.send(text('again'));
    }
    run(70_000);
    expect(Math.max(...gaps(sendings(transcript.entries, 'left')))).toBeLessThanOrEqual(5000);
    // Ten messages, and nothing beside them.
    expect(sendings(transcript.entries, 'left').filter((at) => at >= 60_000).length).toBeLessThanOrEqual(11);
    close();
    run();
  });

  test('says nothing that the peer answers: its other end is silent', () => {
    const { left, run, transcript, close } = pair({ options: { mode: 'fast3' }, left: { keepAlive: 1000 } });
    left.send(text('hello'));
    run(1000);
    const before = sendings(transcript.entries, 'right').length;
    run(30_000);
    expect(sendings(transcript.entries, 'right').length).toBe(before);
    expect(transcript.entries.at(-1)?.packet?.length).toBe(24);
    close();
    run();
  });

  test('keeps the idleTimeout of the peer away, which then probes nothing', () => {
    const { left, right, run, transcript, close } = pair({
      options: { mode: 'fast3' },
      left: { keepAlive: 1000 },
      right: { idleTimeout: 5000 },
    });
    left.send(text('hello'));
    run(2000);
    const before = sendings(transcript.entries, 'right').length;
    run(60_000);
    expect(right.session.closed).toBe(false);
    expect(sendings(transcript.entries, 'right').length).toBe(before);
    close();
    run();
  });

  test('can be changed, and switched off, while the session runs; no timer outlives it', () => {
    const { left, run, transcript, close } = pair({ options: { mode: 'fast3' } });
    left.send(text('hello'));
    run();
    const { length } = sendings(transcript.entries, 'left');
    left.session.configure({ keepAlive: 100 });
    run(10_000);
    expect(sendings(transcript.entries, 'left').length).toBeGreaterThan(length + 90);
    left.session.configure({ keepAlive: 0 });
    const { length: then } = sendings(transcript.entries, 'left');
    run();
    expect(sendings(transcript.entries, 'left').length).toBe(then);
    left.session.configure({ keepAlive: 100 });
    close();
    // Ends: nothing is left to be done.
    run();
    left.session.configure({ keepAlive: 50 });
    run();
  });

  test.each([-1, 0.5, 86_400_001, '5', Number.NaN])('refuses %s', (keepAlive) => {
    const attempt = (): unknown => pair({ options: { keepAlive: keepAlive as number } });
    expect(attempt).toThrow(OptionError);
    expect(attempt).toThrow('option keepAlive must be an integer from 0 to 86400000');
  });
});
