// What came of a soak, for people: tables of loads, faults and processes.

import Table from 'cli-table3';
import type { Growth } from './growth.ts';
import type { Verdict } from './verdict.ts';

const MIB = 2 ** 20;

/** The lines that follow a soak. */
export function reportOf(verdict: Verdict): string {
  const { failures, moreFailures, network, leavings, oob, go, seconds, cpu } = verdict;
  const lines = [
    kindTable(verdict),
    faultTable(verdict),
    processTable(verdict),
    `network: ${whole(network.datagrams)} datagrams, of which ${whole(network.lost)} lost, ${whole(network.duplicated)} duplicated, ` +
      `${whole(network.reordered)} reordered; out of band ${whole(oob.received)} of ${whole(oob.sent)} came back`,
    `sessions of servers whose clients had left, or that were cut off: ${listed(leavings)}`,
    go === undefined
      ? 'kcp-go took no part'
      : `kcp-go's clients: ${go.rounds} rounds, ${mib(go.bytes)} MiB; ${go.broken} more were cut off by faults; ${go.replaced} sessions of its server replaced by others from their address`,
    `${(seconds / 60).toFixed(1)} minutes, ${percent(cpu)} of a core in all, seed ${verdict.seed}`,
    ...failures.map((failure) => `FAILED ${failure}`),
    ...(moreFailures > 0 ? [`FAILED ${moreFailures} times more`] : []),
    failures.length === 0 ? 'Nothing was lost, nothing has grown, nothing went wrong.' : `${failures.length} failures.`,
  ];
  return lines.join('\n');
}

function kindTable({ kinds }: Verdict): string {
  const head = ['load', 'messages', 'MiB', 'sessions', 'failed and resumed', 'lost', 'duplicates'];
  return table(
    head,
    kinds.map(({ kind, messages, bytes, sessions, failed, lost, duplicates }) => [
      kind,
      whole(messages),
      mib(bytes),
      whole(sessions),
      listed(failed),
      whole(lost),
      whole(duplicates),
    ]),
  );
}

function faultTable({ faults, socketErrors }: Verdict): string {
  const rows = Object.entries(faults).map(([kind, count]) => [
    kind,
    whole(count),
    kind === 'socket errors' ? listed(socketErrors) : '',
  ]);
  return table(['fault', 'times', ''], rows);
}

function processTable({ processes }: Verdict): string {
  const head = ['process', 'lived, s', 'CPU', 'RSS, MiB', 'heap, MiB', 'files', 'sessions left'];
  return table(
    head,
    processes.map(({ name, seconds, cpu, rss, heap, handles, sessionsLeft }) => [
      name,
      whole(seconds),
      percent(cpu),
      growth(rss),
      growth(heap),
      handles.join(' → '),
      whole(sessionsLeft),
    ]),
  );
}

function table(head: string[], rows: string[][]): string {
  const made = new Table({ head, wordWrap: true, style: { head: [], border: [], compact: true } });
  made.push(...rows);
  return made.toString();
}

/** Medians of the first and the last quarter after warming up, and what a straight line rises by. */
function growth(growth: Growth | undefined): string {
  if (growth === undefined) return '';
  const sign = growth.fitted < 0 ? '−' : '+';
  return `${mib(growth.first)} → ${mib(growth.last)} (${sign}${mib(Math.abs(growth.fitted))})`;
}

const listed = (counts: Readonly<Record<string, number>>): string =>
  Object.entries(counts)
    .map(([name, count]) => `${name} ${whole(count)}`)
    .join(', ');
const whole = (value: number): string => Math.round(value).toLocaleString('en');
const mib = (bytes: number): string => (bytes / MIB).toFixed(1);
const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
