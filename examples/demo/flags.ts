// The command line: what can be asked for, and what is wrong with it.

import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { type FecShape, MODES, type ModeName } from 'rxkcp';
import { integer, number, shape } from '../support/arguments.ts';
import type { Network } from './route.ts';
import { nodeItself, type Source, wholeFile } from './source.ts';

export interface Flags {
  readonly network: Network;
  /** That of the small messages. */
  readonly echoNetwork: Network;
  readonly source: Source;
  /** Of the file's session. */
  readonly mode: ModeName;
  /** Of the file's session, and of some of the small messages'; undefined to do without. */
  readonly fec: FecShape | undefined;
  readonly json: boolean;
}

/** As commander hands them over. */
interface Given {
  readonly loss: number;
  readonly delay: number;
  readonly jitter?: number;
  readonly mode: ModeName;
  readonly fec?: FecShape;
  readonly seed: number;
  readonly file?: Source;
  readonly json: boolean;
}

/** Share of datagrams that are overtaken, and of those that come twice. */
const REORDER = 0.01;
const DUPLICATE = 0.005;
/** Loss that shows what FEC is good for, where --loss says nothing else. */
const FEC_LOSS = 0.2;
/** Default of --jitter, ms. */
const JITTER = 10;

/** Exits with code 2 when a flag is wrong, after saying why; with 0 after --help. */
export function parseFlags(argv: readonly string[]): Flags {
  const command = new Command('npm run demo --')
    .description('Sends a file and small messages by rxkcp over real UDP sockets, through a simulated bad network.')
    .option('--loss <share>', 'share of datagrams lost, each way, 0 to 1', number(0, 1), 0.1)
    .option('--delay <ms>', 'delay one way', number(0, 10_000), 30)
    .option(
      '--jitter <ms>',
      `variation of the delay, both ways (default: ${JITTER}, but no more than the delay)`,
      number(0, 10_000),
    )
    .addOption(new Option('--mode <name>', "mode of the file's session").choices(Object.keys(MODES)).default('fast3'))
    .option(
      '--fec <data/parity>',
      `forward error correction, for instance 10/3; small messages then go with it and without, at ${FEC_LOSS} lost unless --loss says otherwise`,
      shape,
    )
    .option('--seed <integer>', 'what chance is drawn from', integer(0, 0xffff_ffff), 1)
    .option('--file <path>', 'file to send, all of it (default: up to 32 MiB of the running node)', wholeFileFlag)
    .option('--json', 'one JSON object instead of the text', false)
    .exitOverride();
  try {
    command.parse(argv);
    const { loss, delay, jitter = Math.min(JITTER, delay), mode, fec, seed, file, json } = command.opts<Given>();
    if (jitter > delay) command.error(`error: --jitter ${jitter} is more than the delay of ${delay} ms`);
    const network = { loss, delay, jitter, reorder: REORDER, duplicate: DUPLICATE, seed };
    const isLossGiven = command.getOptionValueSource('loss') !== 'default';
    const echoNetwork = fec === undefined || isLossGiven ? network : { ...network, loss: FEC_LOSS };
    return { network, echoNetwork, source: file ?? nodeItself(), mode, fec, json };
  } catch (error) {
    if (error instanceof CommanderError) process.exit(error.exitCode === 0 ? 0 : 2);
    throw error;
  }
}

function wholeFileFlag(path: string): Source {
  try {
    return wholeFile(path);
  } catch (error) {
    throw new InvalidArgumentError(`It cannot be sent: ${(error as Error).message}.`);
  }
}
