// Marble tests in virtual time, and packets to write in them.

import { TestScheduler } from 'rxjs/testing';
import { labeller } from 'rxkcp/testing';
import { expect } from 'vitest';
import { ACK, PUSH, SEGMENT_HEADER, WASK, WINS } from '../../src/core/kcp/segment.ts';
import { writeHeader } from '../../src/core/kcp/segment-header.ts';

export function testScheduler(): TestScheduler {
  return new TestScheduler((actual, expected) => expect(actual).toEqual(expected));
}

/** A packet in words, with the timestamp of each segment. */
export const timedLabel = labeller('sn', 'frg', 'una', 'wnd', 'ts', 'len');

export interface SegmentFields {
  conv?: number;
  cmd?: number;
  frg?: number;
  wnd?: number;
  ts?: number;
  sn?: number;
  una?: number;
  data?: Uint8Array | string;
}

/** A packet of the segments given. Conversation 1, window 128, all else 0, unless said. */
export function packet(...segments: SegmentFields[]): Uint8Array {
  const parts = segments.map(({ conv = 1, cmd = PUSH, frg = 0, wnd = 128, ts = 0, sn = 0, una = 0, data = '' }) => {
    const payload = typeof data === 'string' ? text(data) : data;
    const bytes = new Uint8Array(SEGMENT_HEADER + payload.length);
    writeHeader(new DataView(bytes.buffer), 0, conv, cmd, frg, wnd, ts, sn, una, payload.length);
    bytes.set(payload, SEGMENT_HEADER);
    return bytes;
  });
  return Uint8Array.from(Buffer.concat(parts));
}

export const push = (sn: number, data: Uint8Array | string, more: SegmentFields = {}): Uint8Array =>
  packet({ ...more, cmd: PUSH, sn, data });
export const ack = (sn: number, ts: number, una: number, more: SegmentFields = {}): Uint8Array =>
  packet({ ...more, cmd: ACK, sn, ts, una });
export const wask = (more: SegmentFields = {}): Uint8Array => packet({ ...more, cmd: WASK });
export const wins = (wnd: number, more: SegmentFields = {}): Uint8Array => packet({ ...more, cmd: WINS, wnd });

export function text(words: string): Uint8Array {
  return new TextEncoder().encode(words);
}

export function words(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}
