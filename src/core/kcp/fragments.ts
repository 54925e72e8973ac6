// How a message becomes segments (kcp-go kcp.go, Send).

import { lengthOf, type Message } from './message.ts';
import type { SendBuffer } from './send-buffer.ts';

/** Most fragments of a message we send: frg is one byte. (The C core sends 127 at most, and takes 255.) */
export const FRAGMENTS_MAX = 255;

/**
 * Queues one message in segments of at most `mss` bytes, which are copied: as fragments that count down to 0, or, in stream mode,
 * as bytes that fill up the last queued segment first.
 */
export function queueMessage(sending: SendBuffer, message: Message, mss: number, stream: boolean): void {
  let left = lengthOf(message);
  let joins = stream;
  for (const piece of message instanceof Uint8Array ? [message] : message) {
    if (piece.length === 0) continue;
    queuePiece(sending, piece, left, mss, stream, joins);
    left -= piece.length;
    joins = true;
  }
}

/**
 * Queues one piece of a message.
 *
 * @param left bytes from here to the end of the message. @param joins whether the piece fills up the last queued segment first.
 */
function queuePiece(
  sending: SendBuffer,
  piece: Uint8Array,
  left: number,
  mss: number,
  stream: boolean,
  joins: boolean,
): void {
  const { length } = piece;
  let offset = joins ? sending.fillLast(piece, mss) : 0;
  let frg = ((left - offset - 1) / mss) | 0;
  if (offset === 0 && length <= mss) {
    sending.append(piece, stream ? 0 : frg);
    return;
  }
  if (offset === length) return;
  const { buffer, byteOffset } = piece;
  for (; offset < length; offset += mss) {
    const bytes = new Uint8Array(buffer, byteOffset + offset, Math.min(length - offset, mss));
    sending.append(bytes, stream ? 0 : frg--);
  }
}
