// From flags, JSON file and environment to the settings of a tunnel.

import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { Option } from 'commander';
import { integerFlag, UsageError } from '../usage-error.ts';
import { FLAGS, type Flag, REFUSED, type TunnelRole, type TunnelSettings } from './flags.ts';

const flagsOf = (role: TunnelRole): [string, Flag][] =>
  Object.entries(FLAGS as Readonly<Record<string, Flag>>).filter(([, { only }]) => only === undefined || only === role);

const defaultOf = (flag: Flag, role: TunnelRole): string | number | boolean =>
  typeof flag.default === 'object' ? flag.default[role] : flag.default;

/** Adds the flags of `role` to a command. */
export function addTunnelFlags(command: Command, role: TunnelRole): Command {
  for (const [name, flag] of flagsOf(role)) {
    const short = flag.aliases?.find((alias) => alias.length === 1);
    const value = flag.kind === 'boolean' ? '' : flag.kind === 'integer' ? ' <number>' : ' <text>';
    const option = new Option(`${short ? `-${short}, ` : ''}--${name}${value}`, `${flag.help}${shown(flag, role)}`);
    if (flag.hidden) option.hideHelp();
    command.addOption(option);
  }
  for (const name of Object.keys(REFUSED)) command.addOption(new Option(`--${name} [value]`).hideHelp());
  return command.option('-c <file>', 'JSON file with the same names, which goes before flags');
}

function shown(flag: Flag, role: TunnelRole): string {
  const value = defaultOf(flag, role);
  return value === false || value === '' ? '' : ` (default ${value})`;
}

/**
 * `argv` as commander wants it: Go takes long flags with one dash, `-mode fast3`, and kcptun has second names for some.
 */
export function normalized(argv: readonly string[], role: TunnelRole): string[] {
  const aliases = new Map<string, string>();
  for (const [name, flag] of flagsOf(role)) {
    aliases.set(name, name);
    for (const alias of flag.aliases ?? []) if (alias.length > 1) aliases.set(alias, name);
  }
  for (const name of Object.keys(REFUSED)) aliases.set(name, name);
  return argv.flatMap((argument) => {
    const [, given, rest = ''] = /^--?([A-Za-z][\w-]+)(=.*)?$/s.exec(argument) ?? [];
    const name = given === undefined ? undefined : aliases.get(given);
    if (name === undefined) return [argument];
    const isBoolean = flagsOf(role).some(([flag, { kind }]) => flag === name && kind === 'boolean');
    if (isBoolean && rest === '=false') return [];
    return isBoolean && rest === '=true' ? [`--${name}`] : [`--${name}${rest}`];
  });
}

/**
 * The settings: what the JSON file says goes before the command line, as in kcptun, and that before the environment.
 *
 * @throws UsageError
 */
export function tunnelSettings(role: TunnelRole, given: Readonly<Record<string, unknown>>): TunnelSettings {
  const { c: file, ...flags } = given;
  const fromFile = file === undefined ? {} : fileSettings(String(file));
  const values: Record<string, unknown> = {};
  for (const [name, reason] of Object.entries(REFUSED)) {
    const value = fromFile[name] ?? flags[name];
    if (value !== undefined && value !== false && value !== '' && value !== 'false') {
      // A count alone, without QPP, asks for nothing.
      if (!name.toLowerCase().endsWith('count') || flags[name] !== undefined) {
        throw new UsageError(`--${name} is not supported: ${reason}`);
      }
    }
  }
  for (const [name, flag] of flagsOf(role)) {
    const environment = name === 'key' ? process.env.KCPTUN_KEY : undefined;
    values[name] = checkedValue(name, flag, fromFile[name] ?? flags[name] ?? environment ?? defaultOf(flag, role));
  }
  const settings = values as TunnelSettings;
  if (settings.streambuf > settings.smuxbuf) {
    throw new UsageError(`--streambuf must be at most --smuxbuf (${settings.smuxbuf}), got ${settings.streambuf}`);
  }
  return settings;
}

function checkedValue(name: string, flag: Flag, value: unknown): string | number | boolean {
  if (flag.kind === 'integer') return integerFlag(name, value, flag.min, flag.max);
  if (flag.kind === 'boolean') {
    if (typeof value === 'boolean') return value;
    throw new UsageError(`--${name} must be true or false, got ${JSON.stringify(value)}`);
  }
  if (typeof value === 'string') return value;
  throw new UsageError(`--${name} must be a text, got ${JSON.stringify(value)}`);
}

function fileSettings(file: string): Readonly<Record<string, unknown>> {
  try {
    const parsed: unknown = JSON.parse(readFileSync(file, 'utf8'));
    if (parsed !== null && typeof parsed === 'object' && !Array.isArray(parsed))
      return parsed as Record<string, unknown>;
  } catch (error) {
    throw new UsageError(`-c ${file}: ${(error as Error).message}`);
  }
  throw new UsageError(`-c ${file}: must contain a JSON object`);
}
