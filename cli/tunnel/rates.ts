// A line on a terminal that says how much goes through.

import { snmp } from 'rxkcp';

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];

/** `1.5 MiB` */
export function inBytes(bytes: number): string {
  const power = bytes < 1 ? 0 : Math.min(Math.floor(Math.log2(bytes) / 10), UNITS.length - 1);
  const value = bytes / 1024 ** power;
  return `${value.toFixed(power === 0 || value >= 100 ? 0 : 1)} ${UNITS[power]}`;
}

/** Writes it each second while standard error is a terminal. Returns what stops it. */
export function showRates(streams: () => number): () => void {
  if (!process.stderr.isTTY) return () => {};
  let before = snmp();
  const timer = setInterval(() => {
    const now = snmp();
    const out = inBytes(now.BytesSent - before.BytesSent);
    const into = inBytes(now.BytesReceived - before.BytesReceived);
    const again =
      now.OutSegs > before.OutSegs
        ? (100 * (now.RetransSegs - before.RetransSegs)) / (now.OutSegs - before.OutSegs)
        : 0;
    before = now;
    process.stderr.write(
      `\r\x1b[K${streams()} streams   out ${out}/s   in ${into}/s   sent again ${again.toFixed(1)} %`,
    );
  }, 1000);
  timer.unref();
  return () => {
    clearInterval(timer);
    process.stderr.write('\r\x1b[K');
  };
}
