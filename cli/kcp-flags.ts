// Flags of all commands that talk KCP themselves: kcptun's names, and defaults that suit a first try.

import { type Command, Option } from 'commander';
import { connect, type Session, type SessionOptions } from 'rxkcp';
import { portRange } from './address.ts';
import { sessionOptions } from './session-options.ts';
import { integerFlag } from './usage-error.ts';

export type Given = Readonly<Record<string, string | boolean | undefined>>;

const NUMBERS = {
  mtu: [1400, 50, 1500, 'bytes of a UDP payload'],
  sndwnd: [1024, 1, 65_535, 'send window in packets'],
  rcvwnd: [1024, 1, 65_535, 'receive window in packets'],
  datashard: [0, 0, 255, 'data shards of FEC, 0: none'],
  parityshard: [0, 0, 255, 'parity shards of FEC, 0: none'],
} as const;

/** Adds the flags to a command. */
export function addKcpFlags(command: Command): Command {
  command
    .addOption(new Option('--key <text>', "pre-shared secret (default it's a secrect)"))
    .addOption(new Option('--crypt <name>', 'cipher, as of the tunnel (default null: none)'))
    .addOption(new Option('--mode <name>', 'fast3, fast2, fast or normal (default fast3)'));
  for (const [name, [value, , , help]] of Object.entries(NUMBERS)) {
    command.addOption(new Option(`--${name} <number>`, `${help} (default ${value})`));
  }
  return command;
}

/** @throws UsageError */
export function kcpOptions(given: Given): SessionOptions {
  const number = (name: keyof typeof NUMBERS): number => {
    const [value, min, max] = NUMBERS[name];
    return given[name] === undefined ? value : integerFlag(name, given[name], min, max);
  };
  return sessionOptions({
    key: String(given.key ?? process.env.KCPTUN_KEY ?? "it's a secrect"),
    crypt: String(given.crypt ?? 'null'),
    mode: String(given.mode ?? 'fast3'),
    mtu: number('mtu'),
    sndwnd: number('sndwnd'),
    rcvwnd: number('rcvwnd'),
    datashard: number('datashard'),
    parityshard: number('parityshard'),
    ratelimit: 0,
    acknodelay: false,
    nodelay: 1,
    interval: 10,
    resend: 2,
    nc: 1,
  });
}

/** A session with `address`, and what closes it. @throws UsageError */
export function dial(address: string, options: SessionOptions): Promise<Session> {
  const { host, first: port } = portRange('the server', address);
  return new Promise((resolve, reject) => {
    connect({ ...options, host: host || '127.0.0.1', port }).subscribe({ next: resolve, error: reject });
  });
}
