// How both sessions of a simulation are set, and what is compared with it.

import { InvalidArgumentError } from 'commander';
import { type FecShape, MODES, type ModeName, type SessionOptions } from 'rxkcp';
import { integer, shape } from '../support/arguments.ts';

/** What can be set, and compared. */
export interface Setting {
  readonly mode: ModeName;
  /** Undefined to do without. */
  readonly fec: FecShape | undefined;
  /** Of sending and of receiving, in segments. */
  readonly window: number;
  /** Whether there is a congestion window: the modes by themselves have none. */
  readonly cwnd: boolean;
}

/** Default of both windows, in segments. */
export const WINDOW = 128;
const WINDOW_MAX = 65_535;

/** The argument of a flag, and the value behind a key of `--versus`. */
export const parsers: { readonly [K in keyof Setting]: (text: string) => Setting[K] } = {
  mode: (text) => {
    if (text in MODES) return text as ModeName;
    throw new InvalidArgumentError(`It must be one of ${Object.keys(MODES).join(', ')}.`);
  },
  fec: (text) => (text === 'off' ? undefined : shape(text)),
  window: integer(1, WINDOW_MAX),
  cwnd: (text) => {
    if (text === 'on' || text === 'off') return text === 'on';
    throw new InvalidArgumentError('It must be on or off.');
  },
};

/** `mode=normal,fec=off`: what is different. */
export function differences(text: string): Partial<Setting> {
  return Object.fromEntries(
    text.split(',').map((difference) => {
      const [key = '', value = ''] = difference.split('=').map((part) => part.trim());
      if (!(key in parsers)) {
        throw new InvalidArgumentError(`It must be like mode=normal,fec=off, of ${Object.keys(parsers).join(', ')}.`);
      }
      try {
        return [key, parsers[key as keyof Setting](value)];
      } catch (error) {
        throw new InvalidArgumentError(`Of ${key}=${value}: ${(error as Error).message}`);
      }
    }),
  );
}

/** `fast3, FEC 10/3`: a setting in words, windows only where they are not the default. */
export function settingName({ mode, fec, window, cwnd }: Setting): string {
  return [
    mode,
    fec === undefined ? 'no FEC' : `FEC ${fec.data}/${fec.parity}`,
    ...(window === WINDOW ? [] : [`window ${window}`]),
    ...(cwnd ? ['congestion window'] : []),
  ].join(', ');
}

/** The same for a session. */
export function sessionOptions({ mode, fec, window, cwnd }: Setting): SessionOptions {
  return {
    mode: { ...MODES[mode], nc: !cwnd },
    fec,
    sendWindow: window,
    receiveWindow: window,
    // The pictures are of retransmissions; copies in bundles would look like them.
    bundle: false,
  };
}
