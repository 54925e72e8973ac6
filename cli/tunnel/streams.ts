// smux over a session, as kcptun has it: compressed or not.

import type { Session } from 'rxkcp';
import { type Mux, mux } from 'rxkcp/mux';
import type { TunnelRole, TunnelSettings } from './flags.ts';
import { SnappyConnection } from './snappy-connection.ts';

/** Most that smux can be told. */
const BUFFER_MAX = 0x7fff_ffff;

export function streamsOver(session: Session, role: TunnelRole, settings: TunnelSettings): Mux {
  const { nocomp, smuxver, smuxbuf, streambuf, framesize, keepalive, rcvwnd, mtu } = settings;
  // kcptun leaves in the receive window of KCP what smux has no room for, up to its size. Version 2 here reads it always: that
  // room is the streams', and with it one alone can fill the window of KCP, which what waits for a lost packet needs.
  const more = smuxver === 2 ? rcvwnd * mtu : 0;
  return mux(nocomp ? session : new SnappyConnection(session), {
    role,
    version: smuxver as 1 | 2,
    maxReceiveBuffer: Math.min(smuxbuf + more, BUFFER_MAX),
    maxStreamBuffer: Math.min(streambuf + more, BUFFER_MAX),
    maxFrameSize: framesize,
    keepAliveInterval: 1000 * keepalive,
    maxStreams: 65_536,
    allowHalfOpen: true,
  });
}
