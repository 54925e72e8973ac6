// A control block on a scheduler, for what `arq` has no option for: conversations that begin in the middle.

import { Observable, type SchedulerLike, type Subscriber, type Subscription } from 'rxjs';
import { MODES } from 'rxkcp';
import type { Burst } from '../../src/bytes/burst.ts';
import { ControlBlock } from '../../src/core/kcp/control-block.ts';
import type { ControlBlockOptions } from '../../src/core/kcp/tunables.ts';
import { Counters } from '../../src/counters/counters.ts';
import type { End } from './timeline.ts';

/** One end in mode fast3, conversation 1. */
export function blockEnd(scheduler: SchedulerLike, options: Partial<ControlBlockOptions>): End {
  const block = new ControlBlock({
    ...MODES.fast3,
    conv: 1,
    now: scheduler.now(),
    counters: new Counters(),
    sendWindow: 128,
    receiveWindow: 128,
    mtu: 1400,
    stream: false,
    ackNoDelay: false,
    deadLink: 20,
    idleTimeout: 0,
    ...options,
  });
  let packets: Subscriber<Burst> | undefined;
  let timer: Subscription | undefined;
  const settle = (): void => {
    if (block.hasBurst) packets?.next(block.takeBurst());
    timer?.unsubscribe();
    const timeout = block.nextTimeout(scheduler.now());
    timer = timeout === undefined ? undefined : scheduler.schedule(tick, timeout);
  };
  const tick = (): void => {
    block.tick(scheduler.now());
    settle();
  };
  return {
    transmit: (messages) =>
      new Observable((subscriber) => {
        packets = subscriber;
        subscriber.add(() => timer?.unsubscribe());
        return messages.subscribe((message) => {
          block.send(message, scheduler.now());
          block.flush(scheduler.now(), true);
          settle();
        });
      }),
    receive: (bursts) =>
      new Observable((subscriber) =>
        bursts.subscribe((burst) => {
          for (const packet of burst) block.input(packet, scheduler.now());
          block.flushAfterInput(scheduler.now());
          for (let more = block.read(scheduler.now()); more !== undefined; more = block.read(scheduler.now())) {
            subscriber.next(more);
          }
          settle();
        }),
      ),
  };
}
