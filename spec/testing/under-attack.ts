// A conversation that an attacker on its path has a hand in.

import { type Cipher, connect, memoryPair, type Session } from 'rxkcp';
import { type AttackAct, type AttackOptions, attack, VirtualScheduler } from 'rxkcp/testing';

export interface Outcome {
  readonly received: readonly number[][];
  readonly sent: number;
  readonly datagrams: number;
  readonly failures: readonly unknown[];
  readonly acts: ReadonlyMap<AttackAct, number>;
}

/** Both ends send numbered messages through an attacked link until so many datagrams have passed, and a while after. */
export function converse(cipher: Cipher, options: AttackOptions, wanted: number): Outcome {
  const scheduler = new VirtualScheduler();
  const acts = new Map<AttackAct, number>();
  let datagrams = 0;
  const [left, right] = memoryPair();
  const counted = {
    ...left,
    outgoing: {
      next: (burst: readonly Uint8Array[]) => {
        datagrams += burst.length;
        left.outgoing.next(burst);
      },
    },
  };
  const onAct = (act: AttackAct): unknown => acts.set(act, (acts.get(act) ?? 0) + 1);
  const attacked = attack({ ...options, onAct })(counted);
  const received: number[][] = [[], []];
  const failures: unknown[] = [];
  const sessions = [attacked, right].map((link, i) => {
    const each = connect({ link, conv: 9, cipher, scheduler, mode: 'fast3', sendWindow: 64 });
    let session: Session | undefined;
    each.subscribe((one) => {
      session = one;
      const next = (message: Uint8Array): void => {
        // The number, and a sum that tells of any change.
        const sum = message.subarray(4).reduce((a, b) => a + b, 0);
        const number = new DataView(message.buffer).getUint32(0);
        received[i]?.push(sum === sumOf(number) ? number : -1);
      };
      one.subscribe({ next, error: (error) => failures.push(error) });
    });
    return session as unknown as Session;
  });
  let sent = 0;
  while (datagrams < wanted && sessions.every(({ closed }) => !closed)) {
    for (const session of sessions) session.next(messageOf(sent));
    sent++;
    scheduler.run(scheduler.now() + 5);
  }
  scheduler.run(scheduler.now() + 20_000);
  return { received, sent, datagrams, failures, acts };
}

function messageOf(number: number): Uint8Array {
  const message = new Uint8Array(40).fill(number & 127, 4);
  new DataView(message.buffer).setUint32(0, number);
  return message;
}
const sumOf = (number: number): number => 36 * (number & 127);
