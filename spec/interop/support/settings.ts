// One set of protocol settings, said to either implementation.

import { type ArqOptions, MODES, type ModeName } from 'rxkcp';

export interface Settings {
  readonly mode: ModeName;
  /** Both windows of both ends, in segments. */
  readonly window: number;
  readonly mtu: number;
}

/** For `connect` and `listen`; streams, since kcp-go keeps no message borders. */
export function ourOptions({ mode, window, mtu }: Settings): ArqOptions {
  return { mode, mtu, sendWindow: window, receiveWindow: window, stream: true };
}

/** For the kcp-go peer. */
export function goFlags({ mode, window, mtu }: Settings): string[] {
  const { nodelay, interval, resend, nc } = MODES[mode];
  const numbers = [Number(nodelay), interval, resend, Number(nc)];
  return ['-nodelay', `${numbers}`, '-sndwnd', `${window}`, '-rcvwnd', `${window}`, '-mtu', `${mtu}`];
}
