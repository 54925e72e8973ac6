// An end of smux alone: what it sends, in words; what it is told; how its streams end.

import { encodeMuxFrame, type MuxFrame, MuxFrameDecoder, type StreamEnd } from 'rxkcp/core';
import type { OurEnd } from './mux-ends.ts';

export const KiB = 1024;

/** What `end` sends now, in words: `psh 3 5` is 5 bytes on stream 3. */
export function sent(end: OurEnd, most?: number): string[] {
  return [...new MuxFrameDecoder(end.session.settings.version).decode(end.output(most))].map((frame) => {
    if (frame.kind === 'psh') return `psh ${frame.id} ${frame.data.length}`;
    if (frame.kind === 'upd') return `upd ${frame.id} ${frame.consumed} ${frame.window}`;
    return `${frame.kind} ${frame.id}`;
  });
}

export function say(end: OurEnd, ...frames: MuxFrame[]): void {
  for (const frame of frames) end.input(encodeMuxFrame(frame, end.session.settings.version));
}

export const data = (id: number, length: number): MuxFrame => ({ kind: 'psh', id, data: new Uint8Array(length) });

/** How a stream ended: nothing, or an error in an array. */
export function ends(stream: StreamEnd): unknown[] {
  const seen: unknown[] = [];
  stream.owner = { readable() {}, sent() {}, over: (error) => seen.push(error) };
  return seen;
}
