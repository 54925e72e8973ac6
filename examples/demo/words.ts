// The report, in plain words.

import Table from 'cli-table3';
import type { FecShape } from 'rxkcp';
import { CLIENTS, DURATION, type Echo, MESSAGE_BYTES, PERIOD } from './echo.ts';
import type { Network } from './route.ts';
import type { Source } from './source.ts';
import type { Transfer } from './transfer.ts';

export function networkInWords({ loss, delay, jitter, reorder, duplicate, seed }: Network): string {
  return `rxkcp: reliable UDP, through a bad network

The network: client and server are two UDP sockets of this machine. Between them sits a relay that treats each
datagram, either way, like this: ${percent(loss)} are lost; the others arrive after ${ms(delay)} ± ${ms(jitter)};
${percent(reorder)} are held back until later ones have overtaken them; ${percent(duplicate)} arrive twice.
Seed ${seed}: the same dice in every run.
`;
}

export function sourceInWords({ path, fileBytes, bytes }: Source, mode: string, fec: FecShape | undefined): string {
  const amount = size(bytes);
  let what = `${path} (${amount})`;
  if (bytes < fileBytes) what = `the first ${amount} of ${path} (which has ${size(fileBytes)})`;
  if (bytes > fileBytes) what = `${path} (${size(fileBytes)}) over and over, ${amount} in all`;
  const repair = fec === undefined ? '' : `, with FEC ${shapeName(fec)}`;
  return `1. A file in mode ${mode}${repair}: ${what}\n`;
}

function shapeName({ data, parity }: FecShape): string {
  return `${data}/${parity}`;
}

export function transferInWords(transfer: Transfer): string {
  const { bytes, seconds, roundTrip, retransmissions, needless, wire, overflowed, sha256, intact } = transfer;
  const { fast, early, timeout } = retransmissions;
  const rebuilt =
    transfer.fec === undefined
      ? ''
      : `
   The server rebuilt ${whole(transfer.recovered)} lost packets out of others of their group, without waiting for a retransmission.`;
  const overflow =
    overflowed === 0
      ? ''
      : `
   Full socket buffers of this machine lost ${whole(overflowed)} more. That was not planned, but made good all the same.
   Larger ones avoid it (on Linux: sysctl net.core.rmem_max=4194304).
`;
  return `   It took ${seconds.toFixed(2)} s: ${size(bytes / seconds)}/s at a round trip of ${ms(roundTrip)}.

${indented(traffic(transfer))}
${overflow}
   The client sent ${whole(fast + early + timeout)} segments again: ${whole(fast + early)} because later ones had been acknowledged, ${whole(timeout)} because
   their time had run out. ${whole(needless)} segments reached the server that it had already: acknowledgements get lost, too.${rebuilt}
   On the wire the file became ${size(wire.up.bytes + wire.down.bytes)}${overhead(transfer)}, headers, acknowledgements and all.

   SHA-256 of what was sent       ${sha256.sent}
   SHA-256 of what was received   ${sha256.received}
   ${intact ? 'They are the same: every byte came across, in order.' : 'THEY DIFFER: the file is damaged.'}
`;
}

function traffic({ wire, relay }: Transfer): string {
  const table = plainTable(['', 'client to server', 'server to client']);
  table.push(
    ['datagrams sent', whole(wire.up.datagrams), whole(wire.down.datagrams)],
    ['lost by the network', whole(relay.up.lost), whole(relay.down.lost)],
    ['overtaken by later ones', whole(relay.up.reordered), whole(relay.down.reordered)],
    ['delivered twice', whole(relay.up.duplicated), whole(relay.down.duplicated)],
    ['bytes on the wire', size(wire.up.bytes), size(wire.down.bytes)],
  );
  return table.toString();
}

function overhead({ bytes, wire }: Transfer): string {
  const factor = (wire.up.bytes + wire.down.bytes) / bytes;
  if (bytes === 0) return '';
  return factor < 2 ? `, ${percent(factor - 1)} more than its length` : `, ${factor.toFixed(1)} times its length`;
}

export function echoesInWords({ loss, delay }: Network, fec: FecShape | undefined): string {
  const hit = 1 - (1 - loss) ** 2;
  const ways = fec === undefined ? 'of each mode,' : `with FEC ${shapeName(fec)} and without, each time`;
  const repair =
    fec === undefined
      ? ''
      : `
   With FEC, what is lost can be rebuilt as soon as enough of its group has come: most need no retransmission.`;
  return `2. Small messages in all four modes at once: ${ways} ${CLIENTS} clients send ${MESSAGE_BYTES} bytes every ${PERIOD} ms
   for ${DURATION / 1000} s, and a server echoes them.

   The network alone takes ${ms(2 * delay)} for a round trip. With ${percent(loss)} lost each way, ${percent(hit)} of the round trips lose a
   datagram: those wait for a retransmission, and the messages behind them wait, too, since order is kept. An eager
   mode retransmits sooner.${repair}
`;
}

export function echoTable(echoes: readonly Echo[]): string {
  const compares = echoes.some(({ fec }) => fec !== undefined);
  const times = ['p50 ms', 'p90 ms', 'p99 ms', 'max ms', 'retransmissions'];
  const table = plainTable(
    compares ? ['mode', 'FEC', 'messages', ...times, 'rebuilt', 'on the wire'] : ['mode', 'messages', ...times],
  );
  for (const { mode, fec, messages, p50, p90, p99, max, retransmissions, recovered, wireBytes } of echoes) {
    const figures = [messages, p50, p90, p99, max, retransmissions].map(whole);
    if (compares) table.push([mode, fec ? shapeName(fec) : 'none', ...figures, whole(recovered), size(wireBytes)]);
    else table.push([mode, ...figures]);
  }
  return indented(table.toString());
}

export function verdict({ intact, bytes }: Transfer, echoes: readonly Echo[], seconds: number): string {
  const messages = echoes.reduce((sum, echo) => sum + echo.messages, 0);
  return `
${intact ? 'It works' : 'IT DOES NOT WORK'}: ${size(bytes)} ${intact ? 'intact' : 'DAMAGED'}, and ${whole(messages)} of ${whole(messages)} echoes back, in order. ${seconds.toFixed(1)} s in all.`;
}

function plainTable(head: string[]): Table.Table {
  const [, ...figures] = head;
  return new Table({
    head,
    colAligns: ['left', ...figures.map(() => 'right' as const)],
    style: { head: [], border: [], compact: true },
  });
}

function indented(text: string): string {
  return text.replaceAll(/^/gm, '   ');
}

/** `33.55 MB`, `512 B`: decimal units. */
export function size(bytes: number): string {
  if (bytes < 1000) return `${Math.round(bytes)} B`;
  return bytes < 1e6 ? `${(bytes / 1e3).toFixed(2)} kB` : `${(bytes / 1e6).toFixed(2)} MB`;
}

/** `12,345` */
export function whole(count: number): string {
  return Math.round(count).toLocaleString('en-US');
}

function ms(time: number): string {
  return `${Number(time.toFixed(1))} ms`;
}

function percent(share: number): string {
  return `${Number((100 * share).toFixed(1))} %`;
}
