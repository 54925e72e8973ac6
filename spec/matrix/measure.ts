// What a network lets through: messages one by one, and then as many bytes as fast as they go.

import { type Pair, pair } from 'rxkcp/testing';
import { bytes, seeded } from '../support/random.ts';
import type { Cell } from './cells.ts';

/** The figures of a cell. */
export interface Figures {
  /** Bytes a second of {@link BULK} bytes handed over at once, until the last has arrived. */
  readonly goodput: number;
  /** Bytes of all datagrams, both ways, for each byte of these. */
  readonly overhead: number;
  /** ms that half of the messages take that are sent one by one, and 99 in 100 of them. */
  readonly p50: number;
  readonly p99: number;
}

const MESSAGES = 300;
const MESSAGE_BYTES = 200;
/** ms between messages. */
const PACE = 20;
const BULK = 512 * 1024;
const BULK_MESSAGE = 8 * 1024;
/** What messages are cut from, each from a place of its own. */
const CONTENT = bytes(seeded(1), 1024 * 1024);
/** Virtual ms after which what has not arrived will not. */
const PATIENCE = 600_000;

/** Runs a cell; throws when anything arrives that was not sent, or does not arrive. */
export function measure({ name, options }: Cell): Figures {
  let cut = 0;
  const message = (length: number): Uint8Array => {
    cut = (cut + 7919) % (CONTENT.length - length);
    return CONTENT.subarray(cut, cut + length);
  };
  const delays: number[] = [];
  const ends = pair(options);
  const { left, right, run, scheduler } = ends;
  const subscription = right.delivered$.subscribe(({ delay }) => delays.push(delay));
  for (let i = 0; i < MESSAGES; i++) {
    left.send(message(MESSAGE_BYTES));
    run(scheduler.now() + PACE);
  }
  settle(name, ends);
  subscription.unsubscribe();
  const wireBefore = wireBytes(ends);
  const from = scheduler.now();
  let until = from;
  right.delivered$.subscribe(({ at }) => {
    until = at;
  });
  for (let sent = 0; sent < BULK; sent += BULK_MESSAGE) left.send(message(BULK_MESSAGE));
  settle(name, ends);
  delays.sort((a, b) => a - b);
  return {
    goodput: Math.round((BULK * 1000) / (until - from)),
    overhead: Math.round((1000 * (wireBytes(ends) - wireBefore)) / BULK) / 1000,
    p50: quantile(delays, 0.5),
    p99: quantile(delays, 0.99),
  };
}

/** Waits until nothing is left to be done. */
function settle(name: string, { left, right, run, scheduler, close }: Pair): void {
  run(scheduler.now() + PATIENCE);
  if (right.outstandingBytes === 0 && !left.session.closed) return;
  close();
  throw new Error(`${name}: ${right.outstandingBytes} bytes have not arrived`);
}

function wireBytes({ left, right }: Pair): number {
  return left.session.stats().wireBytesSent + right.session.stats().wireBytesSent;
}

function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.ceil(sorted.length * share) - 1] as number;
}
