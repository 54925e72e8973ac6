// One place to set the clock of everything.

import type { SchedulerLike, Subscription } from 'rxjs';
import { OptionError } from '../errors.ts';
import { replaceDefaultClock } from '../time/clock.ts';
import { requireScheduler } from '../time/scheduler.ts';

/**
 * Makes `scheduler` the default clock: of sessions, servers, `rateLimit`, `fecEncode`, `request`, `reconnecting`, `groupPeers`, `impair`
 * and `snmp$`, unless they are given another clock.
 *
 * Each of them takes its clock when it begins (an operator: at its subscription) and keeps it. So the default has to be set before, and
 * what began before is not affected.
 *
 * Within `TestScheduler.run` this is not needed: there the default is the virtual time of the run.
 *
 * @example
 * const scheduler = new VirtualScheduler();
 * const clock = useScheduler(scheduler);
 * link.incoming.pipe(rateLimit(125_000)).subscribe();
 * scheduler.run(1000);
 * clock.unsubscribe();   // in a test: afterEach(() => clock.unsubscribe())
 *
 * @param scheduler the clock.
 * @returns unsubscribing brings back the default of before. If several are set, the newest one that is left holds.
 * @throws OptionError if it is not a scheduler.
 */
export function useScheduler(scheduler: SchedulerLike): Subscription {
  if (scheduler === undefined) throw new OptionError('scheduler', scheduler, 'an RxJS scheduler');
  requireScheduler('scheduler', scheduler);
  return replaceDefaultClock(scheduler);
}
