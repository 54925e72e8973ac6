// kcptun's settings of a session, as ours.

import { MODES, type ModeName, type ModeParameters, type SessionOptions } from 'rxkcp';
import { cipherOf } from './ciphers.ts';
import type { TunnelSettings } from './tunnel/flags.ts';

type KcpSettings = Pick<
  TunnelSettings,
  | 'key'
  | 'crypt'
  | 'mode'
  | 'mtu'
  | 'ratelimit'
  | 'sndwnd'
  | 'rcvwnd'
  | 'datashard'
  | 'parityshard'
  | 'acknodelay'
  | 'nodelay'
  | 'interval'
  | 'resend'
  | 'nc'
>;

/** Any other word than that of a profile is `manual`, as in kcptun. */
function modeOf({ mode, nodelay, interval, resend, nc }: KcpSettings): ModeName | ModeParameters {
  if (Object.hasOwn(MODES, mode)) return mode as ModeName;
  return { nodelay: nodelay === 1, interval, resend, nc: nc === 1 };
}

/** @throws UsageError for a cipher that there is not. */
export function sessionOptions(settings: KcpSettings): SessionOptions {
  const { key, crypt, mtu, ratelimit, sndwnd, rcvwnd, datashard, parityshard, acknodelay } = settings;
  return {
    cipher: cipherOf(crypt, key),
    fec: datashard > 0 && parityshard > 0 ? { encode: { data: datashard, parity: parityshard } } : undefined,
    mode: modeOf(settings),
    mtu,
    rateLimit: ratelimit,
    sendWindow: sndwnd,
    receiveWindow: rcvwnd,
    ackNoDelay: acknodelay,
    stream: true,
  };
}
