// A thread of a server. Killed without a warning, now and then.

import { parentPort, workerData } from 'node:worker_threads';
import type { Ports } from '../profiles.ts';
import type { ServerSettings } from '../words.ts';
import { injectErrors, useFaultyAddon } from './errors.ts';
import { serve } from './serve.ts';
import { collector, type Vitals, vitals } from './vitals.ts';

/** What it tells its process. */
export type WorkerWord =
  | { readonly ports: Ports }
  | { readonly vitals: Vitals; readonly collected: boolean }
  | { readonly errors: Readonly<Record<string, number>> }
  | { readonly left: string }
  | { readonly wrong: string };

const settings = workerData as ServerSettings;
const say = (word: WorkerWord): void => parentPort?.postMessage(word);
const addon = settings.addon === undefined ? undefined : useFaultyAddon(settings.addon);
const collect = collector(settings.collectEvery);

parentPort?.on('message', async ({ ms, seed }: { ms: number; seed: number }) => {
  say({ errors: await injectErrors(addon, ms, seed) });
});
say({ ports: await serve(settings, { left: (code) => say({ left: code }), wrong: (wrong) => say({ wrong }) }) });
setInterval(() => {
  const collected = collect();
  say({ vitals: vitals(), collected });
}, settings.sampleEvery);
