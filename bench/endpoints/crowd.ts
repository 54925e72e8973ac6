// Many clients of one echo server. Each has one byte echoed; then {"event":"open"} is written, and they are silent. At a line
// `begin <ms>` (of the epoch) each sends one message per second from then on, spread evenly, for --rounds seconds, of which the first
// --settle do not count: {"event":"done"} has the round-trip times of the others. Ends with its standard input.

import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { share } from '../share.ts';
import { type HandMadeClient, openClient } from './support/hand-made.ts';
import { startWatch } from './support/usage.ts';

const HOST = '127.0.0.1';
/** Bytes of a message. */
const MESSAGE = 64;
/** ms between two sessions that open, so that no server's backlog fills. */
const PACE = 1;
/** ms between two looks for what was lost. */
const SWEEP = 100;
/** ms between two messages of a client. */
const SECOND = 1000;
/** ms that the last answers may take. */
const GRACE = 5000;

const { values } = parseArgs({
  options: {
    port: { type: 'string' },
    sessions: { type: 'string', default: '1' },
    rounds: { type: 'string', default: '0' },
    settle: { type: 'string', default: '0' },
    /** Which of how many such programs this is, whose sends are spread evenly together. */
    part: { type: 'string', default: '0/1' },
  },
});
const sessions = Number(values.sessions);
const [part = 0, parts = 1] = values.part.split('/').map(Number);

/** When the first message is due, of `performance.now()`, and what those that count took, by their number. */
let begin = Number.POSITIVE_INFINITY;
const times: number[] = [];
const first = Number(values.settle) * sessions;
const count = Number(values.rounds) * sessions;

const clients: HandMadeClient[] = [];
const opening = sweep();
const open: Promise<void>[] = [];
for (let i = 0; i < sessions; i++) {
  open.push(openOne(i));
  await sleep(PACE);
}
await Promise.all(open);
// Silent now.
clearInterval(opening);
tell({ event: 'open' });
process.stdin
  .setEncoding('utf8')
  .on('data', (text) => {
    const at = Number(/^begin (.+)$/m.exec(String(text))?.[1]);
    if (at > 0) void work(at - performance.timeOrigin);
  })
  .on('end', () => process.exit());

/** Resolves when the server has echoed a byte. */
async function openOne(index: number): Promise<void> {
  let answered = (): void => {};
  const answer = new Promise<void>((resolve) => {
    answered = resolve;
  });
  const echoed = (sn: number): void => {
    // The byte is the first message of all, and not of a round.
    if (sn === 0) answered();
    else note((sn - 1) * sessions + index);
  };
  const client = await openClient(HOST, Number(values.port), echoed, failed);
  clients[index] = client;
  client.send(1);
  await answer;
}

async function work(at: number): Promise<void> {
  begin = at;
  await until(due(0));
  sweep();
  const watch = startWatch();
  const late: number[] = [];
  for (let number = 0; number < count; number++) {
    const client = clients[number % sessions] as HandMadeClient;
    await until(due(number));
    late.push(performance.now() - due(number));
    client.send(MESSAGE);
  }
  const { cpuSeconds, seconds } = watch();
  const last = performance.now() + GRACE;
  const answered = (): number => times.reduce((sum) => sum + 1, 0);
  while (answered() < count - first && performance.now() < last) await sleep(50);
  const now = performance.now();
  const unanswered = count - first - answered();
  // Who was not answered has waited at least until now.
  const all = Array.from({ length: count - first }, (_, i) => times[i] ?? now - due(first + i));
  late.sort((a, b) => a - b);
  tell({
    event: 'done',
    unanswered,
    latest: share(late, 0.99),
    cpu: cpuSeconds / seconds,
    times: all.map(toMicroseconds),
  });
}

/** When a message is to be sent, of all of this program. */
function due(number: number): number {
  return begin + ((number + part / parts) / sessions) * SECOND;
}

async function until(time: number): Promise<void> {
  for (let wait = time - performance.now(); wait > 0; wait = time - performance.now()) await sleep(Math.ceil(wait));
}

/** Those whose sockets are not open yet are left out. */
function sweep(): NodeJS.Timeout {
  return setInterval(() => clients.forEach((client) => void client.resend()), SWEEP);
}

function note(number: number): void {
  if (number >= first) times[number - first] = performance.now() - due(number);
}

function toMicroseconds(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}

function failed(error: Error): void {
  tell({ event: 'error', message: error.message });
  process.exit(1);
}

function tell(event: object): void {
  console.log(JSON.stringify(event));
}
