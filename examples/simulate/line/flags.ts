// The command line of `npm run simulate -- line`.

import { Command, CommanderError, InvalidArgumentError } from 'commander';
import { number } from '../../support/arguments.ts';
import { KINDS, type Kind, type Scenario } from './run.ts';

export interface LineFlags {
  readonly scenario: Scenario;
  /** Where the page goes, if one is wanted. */
  readonly file: string | undefined;
}

interface Given {
  readonly rate: number;
  readonly rtt: number;
  readonly buffer: number;
  readonly codel: boolean;
  readonly loss: number;
  readonly flows: Scenario['flows'];
  readonly changes: Scenario['changes'];
  readonly length: number;
  readonly seed: number;
  readonly openFile?: string;
}

/** Bytes per second of a Mbit/s. */
const MBIT = 125_000;
const RATE_MAX = 1000;
const FLOWS_MAX = 16;
/** Datagrams that pass in a second at most, so that a run takes less than a minute. */
const BYTES_MAX = 2_000_000_000;

const mbit = number(0.1, RATE_MAX);
const second = number(0, 3600);

/** Exits with code 2 when a flag is wrong, after saying why; with 0 after --help. */
export function parseLineFlags(args: readonly string[]): LineFlags {
  const command = new Command('npm run simulate -- line')
    .description(
      'Simulates bulk transfers that share one line, in virtual time, and draws their rates, the queue and the round trips.',
    )
    .option('--rate <Mbit/s>', 'rate of the line, headers included', mbit, 20)
    .option('--rtt <ms>', 'round trip without a queue', number(1, 10_000), 50)
    .option('--buffer <ms>', 'what the queue holds, as time that the line takes for it', number(0, 10_000), 50)
    .option('--codel', 'keep the queue short with CoDel', false)
    .option('--loss <share>', 'share of datagrams lost at random, 0 to 0.9', number(0, 0.9), 0)
    .option(
      '--flows <list>',
      `what is sent, and from which second: some of ${KINDS.join(', ')}`,
      flowsOf,
      flowsOf('model,tcp-cubic@5'),
    )
    .option('--changes <list>', 'changes of the rate, second:Mbit/s: 10:5,20:100', changesOf, [])
    .option('--length <s>', 'how long it lasts', number(0.1, 3600), 20)
    .option('--seed <integer>', 'what chance is drawn from', number(0, 0xffff_ffff), 1)
    .option('--open-file <path>', 'a page to be written, too')
    .exitOverride();
  try {
    command.parse(args, { from: 'user' });
    const { rate, rtt, buffer, codel, loss, flows, changes, length, seed, openFile } = command.opts<Given>();
    const most = Math.max(rate * MBIT, ...changes.map((change) => change.rate));
    if (most * length > BYTES_MAX) command.error(`error: --length and rates make more than ${BYTES_MAX} bytes`);
    const line = { rate: rate * MBIT, rtt, queueBytes: Math.round(rate * MBIT * (buffer / 1000)), codel, loss };
    return { scenario: { ...line, flows, changes, length: 1000 * length, seed }, file: openFile };
  } catch (error) {
    if (error instanceof CommanderError) process.exit(error.exitCode === 0 ? 0 : 2);
    throw error;
  }
}

/** `model,tcp-cubic@5` */
function flowsOf(text: string): Scenario['flows'] {
  const flows = text.split(',').map((flow) => {
    const [kind = '', from = '0'] = flow.trim().split('@');
    if (!(KINDS as readonly string[]).includes(kind)) {
      throw new InvalidArgumentError(`It must be like model,tcp-cubic@5, of ${KINDS.join(', ')}.`);
    }
    return { kind: kind as Kind, from: 1000 * second(from) };
  });
  if (flows.length > FLOWS_MAX) throw new InvalidArgumentError(`There can be ${FLOWS_MAX} at most.`);
  return flows;
}

/** `10:5,20:100` */
function changesOf(text: string): Scenario['changes'] {
  return text.split(',').map((change) => {
    const [at = '', rate = ''] = change.trim().split(':');
    return { at: 1000 * second(at), rate: Math.round(mbit(rate) * MBIT) };
  });
}
