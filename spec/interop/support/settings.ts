// One set of protocol settings, said to either implementation.

import { MODES, type ModeName, type SessionOptions } from 'rxkcp';
import { type Encryption, goCrypt, ourCipher } from './encryption.ts';

export interface Settings {
  readonly mode: ModeName;
  /** Both windows of both ends, in segments. */
  readonly window: number;
  readonly mtu: number;
  /** None, unless given. */
  readonly encryption?: Encryption;
}

/** For `connect` and `listen`; streams, since kcp-go keeps no message borders. */
export function ourOptions({ mode, window, mtu, encryption }: Settings): SessionOptions {
  const cipher = encryption && ourCipher(encryption);
  return { mode, mtu, sendWindow: window, receiveWindow: window, stream: true, ...cipher };
}

/** For the kcp-go peer. */
export function goFlags({ mode, window, mtu, encryption }: Settings): string[] {
  const { nodelay, interval, resend, nc } = MODES[mode];
  const numbers = [Number(nodelay), interval, resend, Number(nc)];
  const flags = ['-nodelay', `${numbers}`, '-sndwnd', `${window}`, '-rcvwnd', `${window}`, '-mtu', `${mtu}`];
  return encryption === undefined ? flags : [...flags, ...goCrypt(encryption)];
}
