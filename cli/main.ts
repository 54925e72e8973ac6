#!/usr/bin/env node
// The command line: rxkcp tunnel | echo | sink | ping | perf | relay.

import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { addKcpFlags, type Given, kcpOptions } from './kcp-flags.ts';
import { runPerf } from './perf.ts';
import { runPing } from './ping.ts';
import { runRelay } from './relay.ts';
import { runServer } from './serve.ts';
import { openTunnelClient } from './tunnel/client.ts';
import { runUntilSignal } from './tunnel/running.ts';
import { openTunnelServer } from './tunnel/server.ts';
import { addTunnelFlags, normalized, tunnelSettings } from './tunnel/settings.ts';
import { bytesFlag, integerFlag, numberFlag, UsageError } from './usage-error.ts';

const FAILED = 1;
const USAGE = 2;

const manifest = new URL('../../package.json', import.meta.url);
const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { version: string };

function program(): Command {
  const rxkcp = new Command('rxkcp')
    .description('KCP on the command line: a tunnel that talks to kcptun, and tools to try a path')
    .version(version)
    .configureHelp({ showGlobalOptions: false });

  const tunnel = rxkcp
    .command('tunnel')
    .description('TCP over KCP: compatible with kcptun, with its flags and defaults');
  addTunnelFlags(tunnel.command('client').description('listens for TCP or Unix connections'), 'client').action(
    (given) => runUntilSignal(tunnelSettings('client', given), openTunnelClient),
  );
  addTunnelFlags(tunnel.command('server').description('connects the streams of clients to a target'), 'server').action(
    (given) => runUntilSignal(tunnelSettings('server', given), openTunnelServer),
  );

  for (const [work, help] of [
    ['echo', 'a server that sends everything back'],
    ['sink', 'a server that reads everything'],
  ] as const) {
    addKcpFlags(rxkcp.command(work).description(help).argument('[address]', 'host:port to listen on', ':4000')).action(
      (address: string, given: Given) => runServer(work, address, kcpOptions(given)),
    );
  }

  addKcpFlags(rxkcp.command('ping').description('round trips and losses; any KCP server answers'))
    .argument('<server>', 'host:port')
    .option('--count <number>', 'pings (default 4)', '4')
    .option('--interval <ms>', 'between pings (default 1000)', '1000')
    .option('--size <bytes>', 'of each (default 64)', '64')
    .option('--json', 'one line of JSON as the result')
    .action(async (server: string, given: Given) => {
      const answered = await runPing(server, kcpOptions(given), {
        count: integerFlag('count', given.count, 1, 1_000_000),
        interval: integerFlag('interval', given.interval, 1, 3_600_000),
        size: integerFlag('size', given.size, 1, 1000),
        json: given.json === true,
      });
      if (!answered) process.exitCode = FAILED;
    });

  addKcpFlags(rxkcp.command('perf').description('throughput to a sink, as JSON'))
    .argument('<server>', 'host:port of rxkcp sink, or of any KCP server that reads')
    .option('--bytes <number>', 'to send (default 64M)', '64M')
    .option('--write <number>', 'bytes of one write (default 64K)', '64K')
    .option('--echo', 'the server sends everything back: wait for it')
    .action(async (server: string, given: Given) => {
      const bytes = bytesFlag('bytes', String(given.bytes));
      const write = bytesFlag('write', String(given.write));
      console.log(
        JSON.stringify(await runPerf(server, kcpOptions(given), { bytes, write, echo: given.echo === true })),
      );
    });

  rxkcp
    .command('relay')
    .description('a bad network: passes datagrams on, and loses, delays and reorders some')
    .requiredOption('--target <address>', 'host:port to pass datagrams on to')
    .option('--listen <address>', 'host:port to listen on (default :29901)', ':29901')
    .option('--loss <percent>', 'datagrams lost per direction', '0')
    .option('--delay <ms>', 'one way', '0')
    .option('--jitter <ms>', 'by which the delay varies', '0')
    .option('--reorder <percent>', 'datagrams held back', '0')
    .option('--duplicate <percent>', 'datagrams that arrive twice', '0')
    .option('--rate <bytes>', 'per second and direction (default: any)')
    .option('--seed <number>', 'of all chance', '1')
    .action((given: Record<string, string>) => {
      const share = (name: string): number => numberFlag(name, given[name]!, 0, 100) / 100;
      const rate = given.rate === undefined ? undefined : { bytesPerSecond: bytesFlag('rate', given.rate) };
      return runRelay({
        listen: given.listen!,
        target: given.target!,
        seed: integerFlag('seed', given.seed, 0, 0x7fff_ffff),
        impairments: {
          loss: share('loss'),
          delay: numberFlag('delay', given.delay!, 0, 60_000),
          jitter: numberFlag('jitter', given.jitter!, 0, 60_000),
          reorder: share('reorder'),
          duplicate: share('duplicate'),
          rate,
        },
      });
    });
  return rxkcp;
}

/** One sentence for whoever has made a mistake. */
function fail(error: unknown): never {
  if (error instanceof CommanderError) {
    // Help and version are no mistakes.
    if (error.exitCode === 0) process.exit(0);
    const sentence = error.message.replace(/^error: /, '').replace(/\s*\n\s*/g, ' ');
    process.stderr.write(`rxkcp: ${sentence === '(outputHelp)' ? 'say what to do: rxkcp --help' : sentence}\n`);
    process.exit(USAGE);
  }
  process.stderr.write(`rxkcp: ${error instanceof Error ? error.message : error}\n`);
  process.exit(error instanceof UsageError ? USAGE : FAILED);
}

const argv = process.argv.slice(2);
const role = argv[0] === 'tunnel' && (argv[1] === 'client' || argv[1] === 'server') ? argv[1] : undefined;
const silent = { writeErr: (): void => {} };
const rxkcp = program();
const quiet = (command: Command): void => {
  command.exitOverride().configureOutput(silent);
  command.commands.forEach(quiet);
};
quiet(rxkcp);
rxkcp.parseAsync(role === undefined ? argv : normalized(argv, role), { from: 'user' }).then(() => process.exit(), fail);
