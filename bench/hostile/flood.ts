// A flood of forged openers: what it costs a server, a session that is there, and a client that comes. Each is a process. For the forger see
// forger.c.

import { type ChildProcess, execFileSync, fork, spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Child, numberOf } from '../child.ts';
import { findGoPeers } from '../go-peers.ts';
import type { Pings, ServerState } from './flood-peer.ts';

/** What `listen` lets in without proof, by default; and the sessions of this bench. */
const CAP = 128;
const HEAP_MAX = 4 * 2 ** 20;
const SLOWER_MAX = 2;
/** ms: kcp-go's first timeout. */
const GO_RTO = 200;
/** ms between two flushes of the client, and of the server. */
const FLUSH = 10;
const CONNECTS = 10;
const CONNECT_TIMEOUT = 20_000;
/** s that are measured before the flood, and that the server has first, to be compiled. */
const CALM = 10;
const WARM = 3;

const PEER = fileURLToPath(new URL('./flood-peer.ts', import.meta.url));
const MIB = 2 ** 20;

/** What the forger tells. */
interface Forged {
  readonly sent: number;
  readonly bytes: number;
  readonly answers: number;
  readonly answered: number;
  readonly seconds: number;
}

/** Prints what a flood of `seconds` does over each link. The exit status is 1 if a bar is missed. */
export async function flood(perSecond: number, seconds: number, links: readonly string[]): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'forger-'));
  try {
    const forger = join(folder, 'forger');
    execFileSync('cc', ['-O2', '-o', forger, fileURLToPath(new URL('./forger.c', import.meta.url))]);
    for (const link of links) await floodOver(link, forger, perSecond, seconds);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function floodOver(link: string, forger: string, perSecond: number, seconds: number): Promise<void> {
  const env = { ...process.env, RXKCP_NATIVE: link === 'native' ? '1' : '0' };
  const server = await startPeer(env, 'server');
  const [{ port }] = (await once(server, 'message')) as [{ port: number }];
  const client = await startPeer(env, 'client', `${port}`);
  await ask(client, WARM);
  await connects(port);
  const calm = await ask<Pings>(client, CALM);
  const elsewhere = await besideAnotherFlood(client, forger, perSecond);
  const before = await ask<ServerState>(server);

  const forging = output(forger, `${port}`, `${perSecond}`, `${seconds}`);
  // The first second fills what the server allows strangers.
  await sleep(1000);
  const pinging = ask<Pings>(client, seconds - 3);
  const connecting = connects(port);
  const [flooded, times] = await Promise.all([pinging, connecting]);
  const after = await ask<ServerState>(server);
  const forged = JSON.parse(await forging) as Forged;
  client.kill();
  server.kill();

  const ours = 1 + 2 * times.length;
  const grown = after.collected - before.collected;
  const connectMax = GO_RTO + 2 * (flooded.p50 + 2 * FLUSH);
  const { openersChallenged, strangersDropped } = after.refusals;
  console.log(
    `${link}: ${(forged.sent / forged.seconds / 1000).toFixed(0)} 000 forged openers per second, ${forged.seconds.toFixed(0)} s, ` +
      `${openersChallenged} of ${forged.sent} challenged, ${strangersDropped} dropped by the link`,
  );
  bar('sessions without proof', after.most - ours, CAP, `${after.most} with those of this bench`);
  bar('heap, MiB after collection', grown / MIB, HEAP_MAX / MIB, memoryOf(before, after));
  bar('bytes answered for each byte', forged.answered / forged.bytes, 1, `${forged.answers} datagrams`);
  bar('p99 of a session, x calm', flooded.p99 / calm.p99, SLOWER_MAX, `${inMs(calm)} -> ${inMs(flooded)}`);
  // What the machine alone makes of it.
  console.log(`       next to a flood of another socket, which no program reads: ${inMs(elsewhere)}`);
  if (times.length > 0) {
    const [median, slowest] = [times[times.length >> 1] as number, times.at(-1) as number];
    bar('a kcp-go client connects, ms', median, connectMax, `median of ${times.length}, slowest ${slowest.toFixed(0)}`);
  }
}

/** The round trips while the machine has the same flood to carry, and the server is not meant. */
async function besideAnotherFlood(client: ChildProcess, forger: string, perSecond: number): Promise<Pings> {
  const unread = createSocket('udp4');
  unread.bind(0, '127.0.0.1');
  await once(unread, 'listening');
  const forging = output(forger, `${unread.address().port}`, `${perSecond}`, `${CALM}`);
  const pings = await ask<Pings>(client, CALM);
  await forging;
  unread.close();
  return pings;
}

function bar(what: string, value: number, most: number, details: string): void {
  const isKept = value <= most;
  console.log(`  ${isKept ? 'ok  ' : 'MISS'} ${what}: ${value.toFixed(2)}, at most ${most.toFixed(2)} (${details})`);
  if (!isKept) process.exitCode = 1;
}

function memoryOf(before: ServerState, after: ServerState): string {
  const grown = (name: 'heap' | 'buffers' | 'rss'): string => ((after[name] - before[name]) / MIB).toFixed(1);
  return `V8 ${grown('heap')}, buffers ${grown('buffers')}, RSS ${grown('rss')}`;
}

function inMs({ count, lost, p50, p99 }: Pings): string {
  return `p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms, ${lost} of ${count} unanswered`;
}

/** ms from dialing to the first byte echoed, of kcp-go clients one after the other, the quickest first; none without Go. */
async function connects(port: number): Promise<number[]> {
  const go = findGoPeers('5.7.5');
  if ('missing' in go) {
    console.log(`  no client of kcp-go: ${go.missing}`);
    return [];
  }
  const times: number[] = [];
  for (let i = 0; i < CONNECTS; i++) {
    const args = ['--role=client', '--work=connect', `--addr=127.0.0.1:${port}`, '--nodelay=1,10,2,1'];
    const one = new Child([join(go.folder, 'peer')], args, CONNECT_TIMEOUT);
    times.push(numberOf(await one.event('done'), 'first'));
    await one.stop();
  }
  return times.sort((a, b) => a - b);
}

async function output(program: string, ...args: string[]): Promise<string> {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  child.stdout.on('data', (data) => {
    text += data;
  });
  await once(child, 'close');
  return text;
}

async function startPeer(env: NodeJS.ProcessEnv, ...args: string[]): Promise<ChildProcess> {
  const child = fork(PEER, args, { env, execArgv: [...process.execArgv, '--expose-gc'] });
  process.once('exit', () => child.kill());
  await once(child, 'spawn');
  return child;
}

async function ask<T>(child: ChildProcess, question: unknown = 'state'): Promise<T> {
  child.send(question as string);
  const [answer] = (await once(child, 'message')) as [T];
  return answer;
}
