// Live progress: a bar where someone is watching, else a line now and then.

import { SingleBar } from 'cli-progress';
import type { Observer } from 'rxjs';
import type { Progress } from './transfer.ts';
import { size, whole } from './words.ts';

/** ms between two lines in a log. */
const LINE_PERIOD = 1000;

/** Takes the progress of sending `bytes`, and shows it on standard output. */
export function progressDisplay(bytes: number): Observer<Progress> {
  return process.stdout.isTTY ? bar(bytes) : lines(bytes);
}

function bar(bytes: number): Observer<Progress> {
  const display = new SingleBar({
    format: '   {bar} {percentage} %  {rate}/s  round trip {roundTrip} ms  sent again {sentAgain}',
    stream: process.stdout,
    barsize: 30,
    barCompleteChar: '█',
    barIncompleteChar: '░',
    hideCursor: true,
    clearOnComplete: true,
  });
  let started = false;
  const stop = (): void => display.stop();
  return {
    next: (progress) => {
      if (!started) display.start(bytes, 0, shown(progress));
      started = true;
      display.update(progress.bytes, shown(progress));
    },
    error: stop,
    complete: stop,
  };
}

function lines(bytes: number): Observer<Progress> {
  let next = performance.now() + LINE_PERIOD;
  return {
    next: (progress) => {
      const now = performance.now();
      if (now < next) return;
      next = now + LINE_PERIOD;
      const { rate, roundTrip, sentAgain } = shown(progress);
      console.log(
        `   ${size(progress.bytes)} of ${size(bytes)}  ${rate}/s  round trip ${roundTrip} ms  sent again ${sentAgain}`,
      );
    },
    error: () => {},
    complete: () => {},
  };
}

function shown({ rate, roundTrip, sentAgain }: Progress): Record<'rate' | 'roundTrip' | 'sentAgain', string> {
  return { rate: size(rate), roundTrip: whole(roundTrip), sentAgain: whole(sentAgain) };
}
