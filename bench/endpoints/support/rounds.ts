// A number of bytes in one conversation, from both ends: once to warm up, once for the clock.

import { emit } from './events.ts';
import { flags } from './flags.ts';
import { type Dial, DONE } from './line.ts';
import { startWatch, type Usage } from './usage.ts';

const { work, bytes, warmup, write } = flags;

/** `echo` and `source`. */
export async function ask(dial: Dial): Promise<void> {
  let received = 0;
  let enough = (): void => {};
  let expected = 0;
  const line = await dial((message) => {
    received += message.length;
    if (received >= expected) enough();
  });
  const round = async (total: number): Promise<() => Usage> => {
    const chunk = new Uint8Array(write);
    expected = received + (work === 'echo' ? total : DONE.length);
    const answered = new Promise<void>((resolve) => {
      enough = resolve;
    });
    const watch = startWatch();
    for (let left = total; left > 0; left -= write) {
      await line.send(left < write ? chunk.subarray(0, left) : chunk);
    }
    await answered;
    return watch;
  };
  if (warmup > 0) await round(warmup);
  const watch = await round(bytes);
  emit('done', { bytesSent: bytes, ...watch() });
}

/**
 * What `echo` and `sink` do with each message, in addition to echoing.
 * @param answer sends the byte that says a sink has everything.
 */
export function countRounds(answer: (byte: Uint8Array) => void): (message: Uint8Array) => void {
  // The round of warming up and the one that counts do not mix: the client waits for the end of the first.
  let received = -warmup;
  let watch = startWatch();
  return (message) => {
    if (received === 0) watch = startWatch();
    received += message.length;
    if (received !== 0 && received !== bytes) return;
    if (work === 'sink') answer(DONE);
    if (received === bytes) emit('done', { bytesReceived: bytes, ...watch() });
  };
}
