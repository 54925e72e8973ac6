import { firstValueFrom, interval, map, take, timer, toArray } from 'rxjs';
import { monotonicScheduler, resetSnmp, snmp, snmp$ } from 'rxkcp';
import { describe, expect, test, vi } from 'vitest';

describe('the monotonic scheduler', () => {
  test('serves the timers of RxJS', async () => {
    const start = performance.now();
    const ticks = await firstValueFrom(interval(5, monotonicScheduler).pipe(take(3), toArray()));
    expect(ticks).toEqual([0, 1, 2]);
    expect(performance.now() - start).toBeGreaterThanOrEqual(13);
    await expect(firstValueFrom(timer(1, monotonicScheduler))).resolves.toBe(0);
  });

  test('does not run what was unsubscribed from, and hands its state on', async () => {
    const ran: (string | undefined)[] = [];
    monotonicScheduler.schedule(() => ran.push('never'), 1).unsubscribe();
    monotonicScheduler.schedule<string>((state) => ran.push(state), 2, 'state');
    await firstValueFrom(timer(20));
    expect(ran).toEqual(['state']);
  });

  test('takes no notice of the wall clock', () => {
    const before = monotonicScheduler.now();
    vi.spyOn(Date, 'now').mockReturnValue(0);
    expect(monotonicScheduler.now()).toBeGreaterThanOrEqual(before);
    vi.restoreAllMocks();
  });
});

test('the counters of the process come as a snapshot, and as an Observable', async () => {
  resetSnmp();
  expect(snmp()).toMatchObject({ CurrEstab: 0, ActiveOpens: 0, OutSegs: 0 });
  expect(Object.keys(snmp()).length).toBe(30);
  const readings = await firstValueFrom(
    snmp$(5).pipe(
      take(2),
      map(({ BytesSent }) => BytesSent),
      toArray(),
    ),
  );
  expect(readings).toEqual([0, 0]);
});
