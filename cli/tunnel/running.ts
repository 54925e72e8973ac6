// What both ends of a tunnel have in common while they run: signals, counters, and an orderly end.

import type { TunnelSettings } from './flags.ts';
import { type Log, openLog } from './log.ts';
import { showRates } from './rates.ts';
import { countersInWords, startSnmpLog } from './snmp-log.ts';

/** s that streams may go on when the tunnel is to end. */
const DRAIN_SECONDS = 30;

export interface Running {
  /** Streams that are open. */
  streams(): number;
  /** Takes no more streams. */
  drain(): void;
  /** Ends everything at once. */
  close(): void;
}

/** Opens an end of a tunnel, and runs it until a signal ends it. SIGUSR1 logs the counters; SIGTERM and SIGINT let streams end, the second one does not. @throws UsageError */
export async function runUntilSignal(
  settings: TunnelSettings,
  open: (settings: TunnelSettings, log: Log) => Promise<Running>,
): Promise<void> {
  const log = openLog(settings);
  const running = await open(settings, log);
  const stopLog = startSnmpLog(settings.snmplog, settings.snmpperiod, log);
  const stopRates = showRates(() => running.streams());
  process.on('SIGUSR1', () => log.say(`counters: ${countersInWords()}`));
  const signal = (): Promise<string> =>
    new Promise((resolve) => {
      for (const name of ['SIGTERM', 'SIGINT'] as const) process.once(name, () => resolve(name));
    });
  const name = await signal();
  running.drain();
  log.say(`${name}: ${running.streams()} streams may end within ${DRAIN_SECONDS} s; signal again to end at once`);
  const hurry = signal();
  const deadline = Date.now() + 1000 * DRAIN_SECONDS;
  let isHurried = false;
  hurry.then(() => (isHurried = true));
  while (running.streams() > 0 && Date.now() < deadline && !isHurried)
    await new Promise((resolve) => setTimeout(resolve, 50));
  stopRates();
  stopLog();
  running.close();
  // The packets that report the end have left by then.
  await new Promise((resolve) => setTimeout(resolve, 100));
}
