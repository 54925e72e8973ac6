// How far a soak is: a bar where someone is watching, else a line now and then.

import { SingleBar } from 'cli-progress';
import type { Logbook } from './logbook.ts';

/** Lines in a log. */
const LINES = 60;

export function progressDisplay(length: number): { show(logbook: Logbook): void; stop(): void } {
  return process.stderr.isTTY ? bar(length) : lines(length);
}

function bar(length: number): ReturnType<typeof progressDisplay> {
  const display = new SingleBar({
    format: '{bar} {percentage} %  {words}',
    stream: process.stderr,
    barsize: 30,
    barCompleteChar: '█',
    barIncompleteChar: '░',
    hideCursor: true,
    clearOnComplete: true,
  });
  display.start(length, 0, { words: '' });
  return {
    show: (logbook) => display.update(Math.min(elapsed(logbook), length), { words: inWords(logbook) }),
    stop: () => display.stop(),
  };
}

function lines(length: number): ReturnType<typeof progressDisplay> {
  let next = 0;
  let told = 0;
  return {
    show: (logbook) => {
      for (; told < logbook.failures.length; told++) console.error(logbook.failures[told]);
      if (elapsed(logbook) < next) return;
      next += length / LINES;
      console.error(`${Math.round(elapsed(logbook) / 1000)} s: ${inWords(logbook)}`);
    },
    stop: () => {},
  };
}

const elapsed = ({ began }: Logbook): number => performance.now() - began;

function inWords({ processes, faults, failures }: Logbook): string {
  const loads = processes.flatMap((each) => each.loads);
  const messages = loads.reduce((sum, load) => sum + load.messages, 0);
  const sessions = loads.reduce((sum, load) => sum + load.sessions, 0);
  const broken = Object.values(faults).reduce((sum, count) => sum + count, 0);
  return `${messages} messages back, ${sessions} sessions, ${broken} faults, ${failures.length} failures`;
}
