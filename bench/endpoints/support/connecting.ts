// One conversation after the other, each for one byte that an echo server sends back. They stay open, so that no port comes twice.

import { share } from '../../share.ts';
import { emit } from './events.ts';
import { flags } from './flags.ts';
import type { Dial } from './line.ts';

const BYTE = Uint8Array.of(0x05);

export async function connectOften(dial: Dial): Promise<void> {
  const times: number[] = [];
  while (times.length < flags.sessions) {
    const began = performance.now();
    let echoed = (): void => {};
    const answered = new Promise<void>((resolve) => {
      echoed = resolve;
    });
    let took = 0;
    const line = await dial(() => {
      took = performance.now() - began;
      echoed();
    });
    await line.send(BYTE);
    await answered;
    times.push(took);
  }
  const [first, ...rest] = times;
  emit('done', {
    first,
    connects: rest.length,
    median: share(
      rest.sort((a, b) => a - b),
      0.5,
    ),
  });
}
