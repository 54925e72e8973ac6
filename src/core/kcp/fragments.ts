// How a message becomes segments (kcp-go kcp.go, Send).

import { viewOf } from '../../bytes/int.ts';
import { lengthOf, type Message } from './message.ts';
import type { SendBuffer } from './send-buffer.ts';

/** Most fragments of a message we send: frg is one byte. (The C core sends 127 at most, and takes 255.) */
export const FRAGMENTS_MAX = 255;

/**
 * Queues one message in segments of at most `mss` bytes, which are copied: as fragments that count down to 0, or, in stream mode,
 * as bytes that fill up the last queued segment first.
 */
export function queueMessage(sending: SendBuffer, message: Message, mss: number, stream: boolean): void {
  if (!(message instanceof Uint8Array)) {
    queueParts(sending, message, mss, stream);
    return;
  }
  let offset = stream ? sending.fillLast(message, mss) : 0;
  if (offset === message.length && offset > 0) return;
  if (offset === 0 && message.length <= mss) {
    sending.append(message, 0);
    return;
  }
  const { buffer, byteOffset } = message;
  for (let left = Math.ceil((message.length - offset) / mss) - 1; left >= 0; left--) {
    const length = Math.min(message.length - offset, mss);
    sending.append(new Uint8Array(buffer, byteOffset + offset, length), stream ? 0 : left);
    offset += length;
  }
}

/** One message in pieces: each goes where the one before it ended. */
function queueParts(sending: SendBuffer, parts: readonly Uint8Array[], mss: number, stream: boolean): void {
  let left = Math.ceil(lengthOf(parts) / mss);
  let joining = stream;
  for (const part of parts) {
    let offset = 0;
    while (offset < part.length) {
      const rest = viewOf(part, offset, part.length - offset);
      let taken = joining ? sending.fillLast(rest, mss) : 0;
      if (taken === 0) {
        taken = Math.min(rest.length, mss);
        left--;
        sending.append(taken === rest.length ? rest : viewOf(rest, 0, taken), stream ? 0 : left);
        joining = true;
      }
      offset += taken;
    }
  }
}
