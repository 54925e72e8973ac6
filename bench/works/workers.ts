// One port, many sessions, and a server on one core or on several: here workers with a socket each (SO_REUSEPORT), kcp-go one process
// that uses all cores. Everybody's clients are ours, since they have to run on the same cores.

import { type Bench, nodeCommand } from '../bench.ts';
import { Child, type ChildEvent, numberOf } from '../child.ts';
import { OURS, type Sample, type Subject, type Work } from '../work.ts';

const MiB = 1 << 20;
const GiB = 1 << 30;
/** Client processes, and the sessions of each: enough for the system to spread them somewhat evenly. */
const CLIENTS = 2;
const SESSIONS = 8;
/** Of each session. */
const BYTES = 16 * MiB;
const WARMUP = 2 * MiB;
/** Segments; of all sessions together no more than fit the socket's buffer. */
const WINDOW = 128;
const PASSWORD = 'it is a secret';
/** ms for one program, start and end included. */
const TIMEOUT = 120_000;

const COMMON = [`--bytes=${BYTES}`, `--warmup=${WARMUP}`, `--password=${PASSWORD}`];
const OUR_SETTINGS = [...COMMON, `--window=${WINDOW}`];
const THEIR_SETTINGS = [
  ...COMMON,
  '--role=server',
  '--work=sink',
  '--crypt=aes',
  '--fec=10/3',
  `--sndwnd=${WINDOW}`,
  `--rcvwnd=${WINDOW}`,
  '--nodelay=1,10,2,1',
  '--sha=false',
  '--idle-report',
];

function served(workers: number): Work {
  return {
    name: `workers/${workers}`,
    subjects: ['rxkcp', 'kcp-go'],
    async run(subject, bench) {
      const server = serverOf(subject, bench, workers);
      const children = [server];
      try {
        const port = numberOf(await server.event('listening'), 'port');
        const clients = Array.from({ length: CLIENTS }, () => {
          const flags = [...OUR_SETTINGS, `--port=${port}`, `--sessions=${SESSIONS}`];
          return new Child(nodeCommand('sources'), flags, TIMEOUT);
        });
        children.push(...clients);
        await Promise.all(clients.map((client) => client.event('ready')));
        const before = await cpuOf(server);
        for (const client of clients) client.tell('begin');
        const done = await Promise.all(clients.map((client) => client.event('done')));
        const after = await cpuOf(server);
        return figures(before, after, done);
      } finally {
        await Promise.all(children.map((child) => child.stop()));
      }
    },
  };
}

function serverOf(subject: Subject, bench: Bench, workers: number): Child {
  if (subject === OURS) return new Child(nodeCommand('workers'), [...OUR_SETTINGS, `--workers=${workers}`], TIMEOUT);
  return new Child(bench.command(subject, 'peer'), THEIR_SETTINGS, TIMEOUT);
}

async function cpuOf(server: Child): Promise<ChildEvent> {
  server.tell('cpu');
  return server.event('cpu');
}

function figures(before: ChildEvent, after: ChildEvent, done: readonly ChildEvent[]): readonly Sample[] {
  const bytes = CLIENTS * SESSIONS * BYTES;
  const seconds = Math.max(...done.map((event) => numberOf(event, 'seconds')));
  const server = numberOf(after, 'cpuSeconds') - numberOf(before, 'cpuSeconds');
  const clients = done.reduce((sum, event) => sum + numberOf(event, 'cpuSeconds'), 0);
  const spread = Array.isArray(after.sessions) ? (after.sessions as number[]) : undefined;
  return [
    { unit: 'MiB/s', value: bytes / MiB / seconds },
    { unit: 'server cpu-s/GiB', value: (server * GiB) / bytes },
    { unit: 'client cpu-s/GiB', value: (clients * GiB) / bytes },
    { unit: 'server cores', value: server / seconds },
    ...(spread === undefined ? [] : [{ unit: 'sessions at the busiest', value: Math.max(...spread) }]),
  ];
}

export const workers: readonly Work[] = [served(1), served(2)];
