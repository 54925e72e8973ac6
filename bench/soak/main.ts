// npm run soak: mixed load for an hour while things are broken on purpose; nothing may be lost, grow or crash. See bench/doc/soak.md.

import { existsSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg } from 'node:os';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import { integer, number } from '../../examples/support/arguments.ts';
import { kcpGoVersion } from '../../spec/interop/support/kcp-go-version.ts';
import { nativeAddon } from '../../src/link/udp/native/addon.ts';
import { findGoPeers } from '../go-peers.ts';
import { compilePrograms } from './compile.ts';
import { planOf } from './plan.ts';
import { progressDisplay } from './progress.ts';
import { reportOf } from './report.ts';
import { soak } from './soak.ts';

interface Flags {
  readonly minutes: number;
  readonly seed: number;
  readonly rate: number;
  readonly json?: string;
}

const FAULTY_ADDON = fileURLToPath(new URL('../../native/faults/build/Release/faults.node', import.meta.url));
/** ms in addition to its length that a soak may take: draining, the end of all sessions. */
const SLACK = 300_000;

const { minutes, seed, rate, json } = new Command('soak')
  .option('--minutes <count>', 'how long', number(0.5, 10_000), 3)
  .option('--seed <integer>', 'where all chance comes from', integer(0, 2 ** 31 - 1), 1)
  .option('--rate <KiB/s>', 'what the bulk loads send together', number(1, 100_000), 300)
  .option('--json <file>', 'the report as JSON, too')
  .parse()
  .opts<Flags>();

const native = nativeAddon() !== undefined;
const addon = native && existsSync(FAULTY_ADDON) ? FAULTY_ADDON : undefined;
const go = findGoPeers(kcpGoVersion());
if (!native) console.error('The native link is absent, all is node:dgram (npm run build:native).');
else if (addon === undefined) {
  console.error('Errors of the native link cannot be injected: npm run build:native -- --faults has not been run.');
}
if ('missing' in go) console.error(`kcp-go takes no part: ${go.missing}`);

const [load = 0] = loadavg();
console.error(`Node ${process.version}, ${availableParallelism()} × ${cpus()[0]?.model}, load ${load.toFixed(1)}`);

const plan = planOf(minutes, {
  seed,
  rate,
  programs: await compilePrograms(),
  addon,
  goPeer: 'folder' in go ? `${go.folder}/peer` : undefined,
});
setTimeout(() => {
  console.error(`FAILED: still not done after ${minutes} minutes and ${SLACK / 60_000} more`);
  process.exit(1);
}, plan.length + SLACK).unref();
const progress = progressDisplay(plan.length);
const verdict = await soak(plan, native, progress.show);
progress.stop();
console.log(reportOf(verdict));
if (json !== undefined) writeFileSync(json, `${JSON.stringify(verdict, null, 2)}\n`);
process.exit(verdict.failures.length === 0 ? 0 : 1);
