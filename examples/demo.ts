// The demo (npm run demo): a file and small messages, sent across a network that loses, delays, reorders and
// duplicates, on real UDP sockets. `npm run demo -- --help` lists what can be changed.

import { finalize, forkJoin, fromEvent, map, merge, Subject, switchMap, takeUntil, tap } from 'rxjs';
import { MODES, type ModeName } from 'rxkcp';
import { measureEcho } from './demo/echo.ts';
import { parseFlags } from './demo/flags.ts';
import { progressDisplay } from './demo/progress.ts';
import { type Progress, transferFile } from './demo/transfer.ts';
import { echoesInWords, echoTable, networkInWords, sourceInWords, transferInWords, verdict } from './demo/words.ts';

/** Exit code of a program that Ctrl-C has ended. */
const INTERRUPTED = 130;

const { network, echoNetwork, source, mode, fec, json } = parseFlags(process.argv);
const say = json ? (): void => {} : console.log;
const progress = json ? new Subject<Progress>() : progressDisplay(source.bytes);

const choices = fec === undefined ? [undefined] : [undefined, fec];
const echoSettings = (Object.keys(MODES) as ModeName[]).flatMap((each) =>
  choices.map((choice) => ({ mode: each, fec: choice })),
);

// Whoever leaves without a word leaves with a failure; unsubscribing closes all there is, and then the process ends.
process.exitCode = 1;
const interrupted = merge(
  fromEvent(process, 'SIGINT').pipe(map(() => INTERRUPTED)),
  // Whoever reads the output has left, as `head` does.
  fromEvent(process.stdout, 'error').pipe(map(() => 1)),
).pipe(
  tap((exitCode) => {
    process.exitCode = exitCode;
  }),
);

say(networkInWords(network));
say(sourceInWords(source, mode, fec));
transferFile(source, { mode, fec }, network, progress)
  .pipe(
    tap((transfer) => {
      say(transferInWords(transfer));
      say(echoesInWords(echoNetwork, fec));
    }),
    switchMap((transfer) =>
      // The same seed for each: all meet the same network.
      forkJoin(echoSettings.map((settings) => measureEcho(settings, echoNetwork))).pipe(
        map((echoes) => ({ transfer, echoes })),
      ),
    ),
    takeUntil(interrupted),
    finalize(() => {
      if (process.exitCode === INTERRUPTED) say('\nInterrupted; everything is closed.');
    }),
  )
  .subscribe({
    next: ({ transfer, echoes }) => {
      const seconds = performance.now() / 1000;
      say(echoTable(echoes));
      say(verdict(transfer, echoes, seconds));
      if (json)
        console.log(JSON.stringify({ ok: transfer.intact, seconds, network, transfer, echoNetwork, echoes }, null, 2));
      if (transfer.intact) process.exitCode = 0;
    },
    error: (error: Error) => {
      if (json) console.log(JSON.stringify({ ok: false, network, error: `${error.name}: ${error.message}` }, null, 2));
      else console.error(`\nIt failed. ${error.name}: ${error.message}`);
    },
  });
