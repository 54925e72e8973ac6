// The command line: what can be asked for, and what is wrong with it.

import { Command, CommanderError, Option } from 'commander';
import { MODES } from 'rxkcp';
import { integer, number } from '../support/arguments.ts';
import type { Scenario } from './run.ts';
import { differences, parsers, type Setting, WINDOW } from './setting.ts';

export interface Flags {
  readonly scenario: Scenario;
  readonly setting: Setting;
  /** What it is compared with. */
  readonly versus: Setting | undefined;
  /** Where the page goes. */
  readonly file: string;
}

/** As commander hands them over. */
interface Given extends Omit<Scenario, 'length'>, Setting {
  /** s */
  readonly length: number;
  readonly versus?: Partial<Setting>;
  readonly openFile: string;
}

/** More than this nobody can see. */
const MESSAGES_MAX = 20_000;
const BYTES_MAX = 64 * 1024 * 1024;
/** Bytes of a message. */
const SIZE_MAX = 65_536;

/** Exits with code 2 when a flag is wrong, after saying why; with 0 after --help. */
export function parseFlags(argv: readonly string[]): Flags {
  const command = new Command('npm run simulate --')
    .description('Simulates a conversation across a bad network in virtual time, and draws it: a page of diagrams.')
    .option('--open-file <path>', 'the page to be written', 'simulation.html')
    .option('--loss <share>', 'share of datagrams lost, each way, 0 to 0.9', number(0, 0.9), 0.1)
    .option(
      '--burst <datagrams>',
      'length of a burst of losses, on average; 1: each is lost by itself',
      number(1, 100),
      1,
    )
    .option('--rtt <ms>', 'round trip of the network', number(0, 10_000), 100)
    .option('--jitter <ms>', 'variation of the delay, each way', number(0, 5000), 0)
    .addOption(new Option('--mode <name>', 'mode of both sessions').choices(Object.keys(MODES)).default('fast3'))
    .option('--fec <data/parity>', 'forward error correction, for instance 10/3, or off', parsers.fec)
    .option('--window <segments>', 'windows for sending and receiving', parsers.window, WINDOW)
    .option('--cwnd', 'with a congestion window, which the modes have not', false)
    .option('--versus <settings>', 'what to compare with: what is different, as in mode=normal,fec=off', differences)
    .option('--length <s>', 'how long messages are sent', number(0.1, 600), 5)
    .option('--rate <messages>', 'messages a second', number(0.1, 10_000), 50)
    .option('--size <bytes>', 'bytes of a message', integer(1, SIZE_MAX), 500)
    .option('--seed <integer>', 'what chance is drawn from', integer(0, 0xffff_ffff), 1)
    .addHelpText('after', '\nFlows that share a line, drawn in the terminal: npm run simulate -- line --help')
    .exitOverride();
  try {
    command.parse(argv);
    const { openFile: file, versus, mode, fec, window, cwnd, length, ...rest } = command.opts<Given>();
    const scenario = { ...rest, length: 1000 * length };
    const setting = { mode, fec, window, cwnd };
    const wrong = whatIsWrong(scenario);
    if (wrong !== undefined) command.error(`error: ${wrong}`);
    return { scenario, setting, versus: versus && { ...setting, ...versus }, file };
  } catch (error) {
    if (error instanceof CommanderError) process.exit(error.exitCode === 0 ? 0 : 2);
    throw error;
  }
}

function whatIsWrong({ loss, burst, rtt, jitter, length, rate, size }: Scenario): string | undefined {
  const messages = (length * rate) / 1000;
  if (2 * jitter > rtt) return `--jitter ${jitter} is more than half of the round trip of ${rtt} ms`;
  // What is lost in bursts is at most all but one datagram between two of them.
  if (burst > 1 && loss / (1 - loss) > burst)
    return `--burst must be at least ${loss / (1 - loss)} at a loss of ${loss}`;
  if (messages > MESSAGES_MAX)
    return `--length and --rate make ${messages} messages: at most ${MESSAGES_MAX} can be drawn`;
  if (messages * size > BYTES_MAX) return `--length, --rate and --size make more than ${BYTES_MAX} bytes`;
  return undefined;
}
