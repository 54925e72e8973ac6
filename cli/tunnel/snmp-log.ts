// kcptun's log of counters: a CSV line each period, in a file whose name has a date in it.

import { appendFileSync, existsSync, mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { snmp } from 'rxkcp';
import { inWords, type Log } from './log.ts';

const pad = (value: number, width = 2): string => String(value).padStart(width, '0');

/** `layout` with a date, by Go's layout time: Mon Jan 2 15:04:05 2006. */
export function goLayout(layout: string, date: Date): string {
  const hour = date.getHours();
  const parts: Readonly<Record<string, string>> = {
    '2006': pad(date.getFullYear(), 4),
    '01': pad(date.getMonth() + 1),
    '02': pad(date.getDate()),
    '15': pad(hour),
    '03': pad(hour % 12 || 12),
    '04': pad(date.getMinutes()),
    '05': pad(date.getSeconds()),
    '06': pad(date.getFullYear() % 100),
  };
  return layout.replace(/2006|0[1-6]|15/g, (part) => parts[part]!);
}

/** Counters in one line. */
export function countersInWords(): string {
  return Object.entries(snmp())
    .map(([name, value]) => `${name}:${value}`)
    .join(' ');
}

/** Appends a line each `period` s. Returns what stops it. */
export function startSnmpLog(layout: string, period: number, log: Log): () => void {
  if (layout === '') return () => {};
  const timer = setInterval(() => {
    const file = goLayout(layout, new Date());
    const counters = snmp();
    try {
      mkdirSync(dirname(file), { recursive: true });
      const isNew = !existsSync(file) || statSync(file).size === 0;
      const head = isNew ? `${['Unix', ...Object.keys(counters)].join(',')}\n` : '';
      appendFileSync(file, `${head}${[Math.floor(Date.now() / 1000), ...Object.values(counters)].join(',')}\n`);
    } catch (error) {
      log.say(`snmplog: ${inWords(error)}`);
    }
  }, 1000 * period);
  timer.unref();
  return () => clearInterval(timer);
}
