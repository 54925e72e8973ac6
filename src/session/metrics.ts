// kcp-go's counters, every so often.

import { map, type Observable, type SchedulerLike, timer } from 'rxjs';
import { requireInteger } from '../check.ts';
import type { Snmp } from '../counters/counters.ts';
import { snmp } from '../counters/process.ts';
import { monotonicScheduler } from '../time/scheduler.ts';

/**
 * The process's counters, now and then every `period` ms.
 *
 * @param period ms between readings, 1 … 2147483647. Default 1000.
 * @param scheduler the clock. Default {@link monotonicScheduler}.
 */
export function snmp$(period = 1000, scheduler: SchedulerLike = monotonicScheduler): Observable<Snmp> {
  return readings$(snmp, period, scheduler);
}

/** What `read` returns, every `period` ms. @throws OptionError */
export function readings$<T>(read: () => T, period: number, scheduler: SchedulerLike): Observable<T> {
  requireInteger('period', period, 1, 0x7fff_ffff);
  return timer(0, period, scheduler).pipe(map(read));
}
