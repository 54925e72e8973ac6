// kcp-go's counters, every so often.

import { requireInteger } from '../check.ts';
import type { Snmp } from '../counters/counters.ts';
import { snmp } from '../counters/process.ts';
import type { Observable, SchedulerLike } from '../rx/rxjs.ts';
import { defer, map, timer } from '../rx/rxjs-more.ts';
import { clockOf } from '../time/clock.ts';

/**
 * The process's counters, now and then every `period` ms.
 *
 * @param period ms between readings, 1 … 2147483647. Default 1000.
 * @param scheduler the clock. Default: the monotonic clock; within `TestScheduler.run`, its virtual time.
 */
export function snmp$(period = 1000, scheduler?: SchedulerLike): Observable<Snmp> {
  return readings$(snmp, period, scheduler);
}

/** What `read` returns, every `period` ms. @throws OptionError */
export function readings$<T>(read: () => T, period: number, scheduler?: SchedulerLike): Observable<T> {
  requireInteger('period', period, 1, 0x7fff_ffff);
  return defer(() => timer(0, period, clockOf(scheduler)).pipe(map(read)));
}
