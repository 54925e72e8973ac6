// What the examples share so that each is both a program and a function a test can run: an Observable of the lines it prints.

import { realpathSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { fromEvent, type Observable, takeUntil } from 'rxjs';

/** Prints `lines` if the file of that URL is the program that was started; Ctrl-C unsubscribes, and so closes all there is. */
export function runAsProgram(url: string, lines: Observable<string>): void {
  const [, started = ''] = process.argv;
  if (started === '' || realpathSync(started) !== fileURLToPath(url)) return;
  lines.pipe(takeUntil(fromEvent(process, 'SIGINT'))).subscribe({
    next: (line) => console.log(line),
    error: (error) => {
      console.error(error);
      process.exitCode = 1;
    },
  });
}
