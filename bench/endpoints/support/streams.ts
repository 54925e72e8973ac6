// The works of a benchmark over streams of Node: what any transport can do that is used as one.

import type { Duplex } from 'node:stream';
import { flags } from './flags.ts';
import type { Line } from './line.ts';
import { countRounds } from './rounds.ts';

/** What a stream of streamx, which udx-native uses, shares with those of Node. */
export type Pipe = Pick<Duplex, 'write' | 'on' | 'once' | 'pause' | 'resume'>;

/** `echo` and `sink`. */
export function serve(stream: Pipe): void {
  const count = flags.bytes > 0 ? countRounds((byte) => stream.write(byte)) : undefined;
  stream.on('data', (bytes: Uint8Array) => {
    count?.(bytes);
    if (flags.work !== 'echo' || stream.write(bytes)) return;
    stream.pause();
    stream.once('drain', () => stream.resume());
  });
}

/** A client's. */
export function lineOf(stream: Pipe, received: (bytes: Uint8Array) => void): Line {
  stream.on('data', received);
  return {
    send: async (message) => {
      if (!stream.write(message)) await new Promise<void>((resolve) => stream.once('drain', resolve));
    },
  };
}
