// The same small user as a CommonJS module: values, classes and types by `require`.
import rxkcp = require('rxkcp');

import type { Duplex } from 'node:stream';
import { toDuplex } from 'rxkcp/node';
import { decodeLines } from 'rxkcp/operators';
import { type Pair, pair } from 'rxkcp/testing';

export const server = rxkcp.listen({ port: 4000 }).subscribe((session: rxkcp.Session) => session.subscribe(session));
export const streamOf = (session: rxkcp.Session): Duplex => toDuplex(session);
export const linesOf = (session: rxkcp.Session): string[] => {
  const lines: string[] = [];
  session.pipe(decodeLines()).subscribe((line) => lines.push(line));
  return lines;
};
export const simulated: Pair = pair({ network: { loss: 0.1 } });
export const codeOf = (error: unknown): string => (error instanceof rxkcp.OptionError ? error.option : '');
