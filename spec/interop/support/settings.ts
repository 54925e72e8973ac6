// One set of protocol settings, said to either implementation.

import { type FecDirections, type FecShape, MODES, type ModeName, type SessionOptions } from 'rxkcp';
import { type Encryption, goCrypt, ourCipher } from './encryption.ts';

export interface Settings {
  readonly mode: ModeName;
  /** Both windows of both ends, in segments. */
  readonly window: number;
  readonly mtu: number;
  /** kcp-go's, if it has another. */
  readonly theirMtu?: number;
  /** None, unless given. */
  readonly encryption?: Encryption;
  /** What our end is given, and the shape that kcp-go's is. Neither uses FEC, unless given. */
  readonly fec?: { readonly ours?: FecShape | FecDirections; readonly theirs?: FecShape };
}

/** For `connect` and `listen`; streams, since kcp-go keeps no message borders. */
export function ourOptions({ mode, window, mtu, encryption, fec }: Settings): SessionOptions {
  const cipher = encryption && ourCipher(encryption);
  return { mode, mtu, sendWindow: window, receiveWindow: window, stream: true, fec: fec?.ours, ...cipher };
}

/** For the kcp-go peer. */
export function goFlags({ mode, window, mtu, theirMtu = mtu, encryption, fec }: Settings): string[] {
  const { nodelay, interval, resend, nc } = MODES[mode];
  const numbers = [Number(nodelay), interval, resend, Number(nc)];
  const flags = ['-nodelay', `${numbers}`, '-sndwnd', `${window}`, '-rcvwnd', `${window}`, '-mtu', `${theirMtu}`];
  if (fec?.theirs !== undefined) flags.push('-fec', shapeName(fec.theirs));
  return encryption === undefined ? flags : [...flags, ...goCrypt(encryption)];
}

/** `10/3` */
export function shapeName({ data, parity }: FecShape): string {
  return `${data}/${parity}`;
}
