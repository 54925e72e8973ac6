// The example of several workers: one of them dies, all end in good order.

import { lastValueFrom, Subject, tap, toArray } from 'rxjs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startProcess, startThread } from '../../examples/workers/start.ts';
import { workers } from '../../examples/workers.ts';
import { nativeAddon } from '../../src/link/udp/native/addon.ts';
import { canShareByDgram, type Program, writeProgram } from '../support/port-workers.ts';

let program: Program;
beforeAll(async () => {
  program = await writeProgram(`import './examples/workers/worker.ts';`);
});
afterAll(() => program.remove());

const canShare = nativeAddon() !== undefined || canShareByDgram();
// In CI it is the specs of the link that fail without it.
if (!canShare) console.warn('skipped: the example of several workers, which needs the native link or Node 22.12');

describe.skipIf(!canShare)('workers', () => {
  test('a worker that dies is replaced, and its clients come back; in the end nothing is left', async () => {
    const story = workers({ workers: 2, clients: 16, idleTimeout: 1000, start: startThread, program: program.url });
    const lines = await lastValueFrom(story.pipe(toArray()));
    expect(lines.filter((line) => !line.startsWith(' '))).toEqual([
      expect.stringMatching(/^port \d+ is served by workers 1, 2$/),
      'worker 2 has died, worker 3 has taken its place',
      expect.stringMatching(/^\d+ of 16 clients lost their session and have dialled again$/),
      'all workers end their sessions',
      'nothing is left',
    ]);
  });

  test.each([
    ['threads', startThread],
    ['processes', startProcess],
  ])('Ctrl-C ends all sessions of %s in good order', async (_, start) => {
    const interrupt = new Subject<void>();
    const story = workers({ workers: 2, clients: 8, idleTimeout: 2000, start, program: program.url, interrupt });
    const lines = await lastValueFrom(
      story.pipe(
        tap((line) => line.startsWith('port') && setTimeout(() => interrupt.next(), 100)),
        toArray(),
      ),
    );
    expect(lines.slice(-2)).toEqual(['all workers end their sessions', 'nothing is left']);
  });
});
