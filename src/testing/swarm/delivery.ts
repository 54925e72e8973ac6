// Oracle: what a session delivers is what its peer has sent in the same conversation, from the first message on, in order, once. Never, under
// any fault, is anything else delivered; what may happen is that less arrives (see promises.ts).
//
// Each incarnation of an end counts for itself: a server that was restarted before it acknowledged the first message may get that message
// again, in its own session, as its predecessor did.

import type { SwarmFindingKind } from './finding.ts';
import type { Talk } from './talk.ts';

/** Bytes by which a place in a stream is looked for. */
const SAMPLE = 16;

/** What is wrong with a delivery. */
export interface Misdelivery {
  readonly kind: SwarmFindingKind;
  readonly what: string;
}

/**
 * Notes that `message` was delivered in `talk`, and says what is wrong with it; undefined if it is what was to come.
 *
 * @param others all sessions of the run. @param hasBorders whether messages arrive as they were sent.
 */
export function deliver(
  talk: Talk,
  message: Uint8Array,
  others: readonly Talk[],
  hasBorders: boolean,
): Misdelivery | undefined {
  talk.source ??= others.findLast(({ side, conv }) => side !== talk.side && conv === talk.conv);
  const { source } = talk;
  const isRight = source !== undefined && (hasBorders ? isNext(talk, source, message) : follows(talk, source, message));
  talk.receivedBytes += message.length;
  return isRight ? undefined : named(talk, message, others);
}

function isNext(talk: Talk, source: Talk, message: Uint8Array): boolean {
  const expected = source.sent[talk.received];
  if (expected === undefined || !isEqual(expected, message)) return false;
  talk.received++;
  return true;
}

function follows(talk: Talk, source: Talk, message: Uint8Array): boolean {
  for (let at = 0; at < message.length; ) {
    const expected = source.sent[talk.received];
    if (expected === undefined) return false;
    const length = Math.min(expected.length - talk.offset, message.length - at);
    for (let i = 0; i < length; i++) if (expected[talk.offset + i] !== message[at + i]) return false;
    at += length;
    talk.offset += length;
    if (talk.offset < expected.length) continue;
    talk.offset = 0;
    talk.received++;
  }
  return true;
}

/** What a message is that was not the next one. */
function named(talk: Talk, message: Uint8Array, others: readonly Talk[]): Misdelivery {
  const { source, received } = talk;
  const whereabouts = `${talk.name} got ${message.length} bytes in place of message ${received} of ${source?.name ?? 'no sender'}`;
  const own = source === undefined ? -1 : placeIn(source, message);
  if (own >= 0 && own < received) return { kind: 'doubled', what: `${whereabouts}: message ${own} again` };
  if (own > received) return { kind: 'out of order', what: `${whereabouts}: message ${own}` };
  for (const other of others) {
    const place = other === source ? -1 : placeIn(other, message);
    if (place >= 0) return { kind: 'foreign', what: `${whereabouts}: message ${place} of ${other.name}` };
  }
  const expected = source?.sent[received];
  if (expected === undefined) return { kind: 'foreign', what: `${whereabouts}, which was never sent` };
  let same = 0;
  while (same < message.length && message[same] === expected[talk.offset + same]) same++;
  return { kind: 'altered', what: `${whereabouts} (${expected.length} bytes): they differ from byte ${same} on` };
}

/** The number of the message of `talk` that is `message`, or in which that begins; −1 if there is none. */
function placeIn({ sent }: Talk, message: Uint8Array): number {
  const whole = sent.findIndex((other) => isEqual(other, message));
  if (whole >= 0 || message.length < SAMPLE) return whole;
  return sent.findIndex((other) => {
    for (let at = 0; at + SAMPLE <= other.length; at++) {
      let i = 0;
      while (i < SAMPLE && other[at + i] === message[i]) i++;
      if (i === SAMPLE) return true;
    }
    return false;
  });
}

function isEqual(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
