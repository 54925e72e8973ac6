// smux over a session, as kcptun has it: compressed or not.

import type { Session } from 'rxkcp';
import { type Mux, mux } from 'rxkcp/mux';
import type { TunnelRole, TunnelSettings } from './flags.ts';
import { SnappyConnection } from './snappy-connection.ts';

export function streamsOver(session: Session, role: TunnelRole, settings: TunnelSettings): Mux {
  const { nocomp, smuxver, smuxbuf, streambuf, framesize, keepalive } = settings;
  return mux(nocomp ? session : new SnappyConnection(session), {
    role,
    version: smuxver as 1 | 2,
    maxReceiveBuffer: smuxbuf,
    maxStreamBuffer: streambuf,
    maxFrameSize: framesize,
    keepAliveInterval: 1000 * keepalive,
    maxStreams: 65_536,
    allowHalfOpen: true,
  });
}
