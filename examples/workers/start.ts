// A worker as a thread, or as a process of a cluster: all the difference there is between them is here.

import cluster from 'node:cluster';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { fromEvent, type Observable } from 'rxjs';
import type { Order, Place, Report } from './words.ts';

export interface StartedWorker {
  readonly reports: Observable<Report>;
  /** Resolves with the reason when it is gone, and its socket with it. */
  readonly ended: Promise<string>;
  tell(order: Order): void;
  /** Ends it in the middle of whatever it does. */
  kill(): void;
}

export type Start = (program: URL, place: Place) => StartedWorker;

export const startThread: Start = (program, place) => {
  const thread = new Worker(program, { env: { ...process.env, ...place } });
  const ended = new Promise<string>((resolve) => {
    let reason = 'it was ended';
    thread.on('error', (error) => {
      reason = String(error);
    });
    thread.on('exit', () => resolve(reason));
  });
  return {
    reports: fromEvent(thread, 'message') as Observable<Report>,
    ended,
    tell: (order) => thread.postMessage(order),
    kill: () => void thread.terminate(),
  };
};

export const startProcess: Start = (program, place) => {
  cluster.setupPrimary({ exec: fileURLToPath(program) });
  const worker = cluster.fork(place);
  const ended = new Promise<string>((resolve) => {
    worker.on('exit', (code, signal) => resolve(`it ended with ${signal ?? code}`));
  });
  return {
    // cluster has a second argument for its listeners, a handle.
    reports: fromEvent(worker, 'message', (report: Report) => report),
    ended,
    // It may be on its way out.
    tell: (order) => void (worker.isConnected() && worker.send(order)),
    kill: () => void worker.process.kill('SIGKILL'),
  };
};
