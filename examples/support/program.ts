// What the examples share so that each is both a program and a function a test can run: an Observable of the lines it prints.

import { realpathSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { fromEvent, ignoreElements, type Observable, takeUntil, tap } from 'rxjs';

/**
 * Prints `lines` if the file of that URL is the program that was started. Ctrl-C unsubscribes, and so closes all there is; where there
 * is a way to end in good order, it calls `end` instead.
 */
export function runAsProgram(url: string, lines: Observable<string>, end?: () => void): void {
  const [, started = ''] = process.argv;
  if (started === '' || realpathSync(started) !== fileURLToPath(url)) return;
  const interrupts = fromEvent(process, 'SIGINT');
  lines.pipe(takeUntil(end === undefined ? interrupts : interrupts.pipe(tap(end), ignoreElements()))).subscribe({
    next: (line) => console.log(line),
    error: (error) => {
      console.error(error);
      process.exitCode = 1;
    },
  });
}
