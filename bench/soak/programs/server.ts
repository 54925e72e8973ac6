// A server process: echoes in its own thread, or in several that are killed now and then and come back at once.

import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import type { Ports } from '../profiles.ts';
import type { ServerSettings } from '../words.ts';
import { begin, say, settingsOf, wrong } from './program.ts';
import { serve } from './serve.ts';
import type { Vitals } from './vitals.ts';
import type { WorkerWord } from './worker.ts';

const settings = settingsOf<ServerSettings>();
const start = begin(settings);
const workers: Worker[] = [];
/** The number of sessions is that of now; memory is what the last collection of garbage has left, whoever asks when. */
const vitals = new Map<Worker, Vitals>();

const left = (code: string): void => say({ word: 'left', code });

/** Starts a thread in place `index`. @returns where it listens. */
function employ(index: number, ports: Ports | undefined): Promise<Ports> {
  const worker = new Worker(fileURLToPath(new URL('./worker.js', import.meta.url)), {
    workerData: { ...settings, ports },
  });
  workers[index] = worker;
  worker.on('error', (error) => wrong(`a worker: ${error.stack ?? error}`));
  return new Promise((resolve) => {
    worker.on('message', (word: WorkerWord) => {
      if ('ports' in word) resolve(word.ports);
      else if ('vitals' in word) {
        const { sessions } = word.vitals;
        vitals.set(worker, word.collected ? word.vitals : { ...(vitals.get(worker) ?? word.vitals), sessions });
      } else if ('errors' in word) say({ word: 'errors', counts: word.errors });
      else if ('left' in word) left(word.left);
      else wrong(word.wrong);
    });
  });
}

async function replace(index: number, ports: Ports): Promise<void> {
  const worker = workers[index] as Worker;
  await worker.terminate();
  vitals.delete(worker);
  await employ(index, ports);
  say({ word: 'worker-killed' });
}

async function open(): Promise<Ports> {
  if (settings.threads === 0) return serve(settings, { left, wrong });
  const first = await employ(0, settings.ports);
  for (let index = 1; index < settings.threads; index++) await employ(index, first);
  return first;
}

const ports = await open();
start({
  others: () => vitals.values(),
  take: (order) => {
    if (order.order === 'kill-worker') void replace(order.seed % workers.length, ports);
    else if (order.order === 'errors') for (const worker of workers) worker.postMessage(order);
  },
});
say({ word: 'ready', ports });
