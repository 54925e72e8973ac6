// What check-package.mjs tries of the command line. Each check throws with what is wrong.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createConnection, createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** ms until the tunnel has to work. */
const PATIENCE = 20_000;

/** @param command the program, and what comes before its arguments. @param options of child processes. */
export async function checkPing(command, options) {
  const echo = start(command, ['echo', '127.0.0.1:0'], options);
  try {
    const [line] = await once(echo.stdout, 'data');
    const server = `127.0.0.1:${/port (\d+)/.exec(String(line))[1]}`;
    const [program, ...first] = command;
    const ping = [...first, 'ping', server, '--count', '3', '--interval', '20', '--json'];
    const { status, stdout, stderr } = spawnSync(program, ping, { ...options, encoding: 'utf8' });
    if (status !== 0) throw new Error(`ping: exit ${status}\n${stderr}`);
    const { acknowledged } = JSON.parse(stdout);
    if (acknowledged !== 3) throw new Error(`${acknowledged} of 3 pings were acknowledged`);
  } finally {
    echo.kill();
  }
}

/** A MiB through a tunnel to an echo by TCP, and back. For the parameters see `checkPing`. */
export async function checkTunnel(command, options) {
  const target = createServer((socket) => socket.on('error', () => {}).pipe(socket)).listen(0, '127.0.0.1');
  await once(target, 'listening');
  const [udp, tcp] = [await freePort(), await freePort()];
  const to = `127.0.0.1:${target.address().port}`;
  const ends = [
    start(command, ['tunnel', 'server', '--quiet', '-l', `127.0.0.1:${udp}`, '-t', to], options),
    start(command, ['tunnel', 'client', '--quiet', '-l', `127.0.0.1:${tcp}`, '-r', `127.0.0.1:${udp}`], options),
  ];
  const bytes = Buffer.alloc(1 << 20, 'rxkcp');
  try {
    const giveUpAt = Date.now() + PATIENCE;
    // Until both ends are up, connections are refused.
    for (;;) {
      const answer = await exchange(tcp, bytes).catch((error) => error);
      if (answer instanceof Buffer && answer.equals(bytes)) return;
      if (answer instanceof Buffer) throw new Error(`the tunnel brought ${answer.length} other bytes`);
      if (Date.now() > giveUpAt) throw new Error('the tunnel does not work', { cause: answer });
      await sleep(100);
    }
  } finally {
    for (const end of ends) end.kill();
    target.close();
  }
}

function start([program, ...first], args, options) {
  return spawn(program, [...first, ...args], { ...options, stdio: ['ignore', 'pipe', 'ignore'] });
}

/** Sends `bytes`, and reads to the end. */
async function exchange(port, bytes) {
  const socket = createConnection(port, '127.0.0.1');
  const deadline = setTimeout(() => socket.destroy(new Error('nothing came')), PATIENCE);
  try {
    socket.end(bytes);
    return Buffer.concat(await socket.toArray());
  } finally {
    clearTimeout(deadline);
  }
}

/** A port that was free a moment ago. */
async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}
