// Lines about what happens: with a date, to standard error or to a file.

import { createWriteStream } from 'node:fs';

export interface Log {
  /** Always. */
  say(line: string): void;
  /** About one stream: not with `--quiet`. */
  detail(line: string): void;
}

export function openLog({ log: file, quiet }: { readonly log: string; readonly quiet: boolean }): Log {
  const target = file === '' ? process.stderr : createWriteStream(file, { flags: 'a' });
  const say = (line: string): void => {
    const [date, time] = new Date().toISOString().split(/[T.]/);
    target.write(`${date} ${time} ${line}\n`);
  };
  return { say, detail: quiet ? () => {} : say };
}

/** An error in one line. */
export function inWords(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
