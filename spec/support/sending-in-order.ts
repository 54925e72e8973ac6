// A link whose datagrams leave some time after it was handed them, in order, as from the queue of a socket; until then it has nothing but
// the memory it was given.

import type { SchedulerLike } from 'rxjs';
import type { Link } from 'rxkcp';
import { integer } from './random.ts';

/** Datagrams that may wait; more are dropped. */
const WAITING_MAX = 300;
const DELAY_MAX = 60;

/** `link`, which says so (`Link.sendsInOrder`). */
export function sendingInOrder(link: Link, scheduler: SchedulerLike, random: () => number): Link {
  const waiting: Uint8Array[] = [];
  let planned = false;
  const leave = (): void => {
    planned = false;
    const count = integer(random, 1, waiting.length);
    // What is under way is the network's.
    link.outgoing.next(waiting.splice(0, count).map((datagram) => new Uint8Array(datagram)));
    plan();
  };
  const plan = (): void => {
    if (planned || waiting.length === 0) return;
    planned = true;
    scheduler.schedule(leave, integer(random, 0, DELAY_MAX));
  };
  return {
    ...link,
    sendsInOrder: true,
    outgoing: {
      next: (burst) => {
        waiting.push(...burst.slice(0, WAITING_MAX - waiting.length));
        plan();
      },
    },
  };
}
