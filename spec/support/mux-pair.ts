// Two ends of smux over two sessions in memory, on one virtual clock, with a bad network between them.

import { connect, type Link, memoryPair, type Session, type SessionOptions } from 'rxkcp';
import { type Mux, type MuxOptions, type MuxStream, mux } from 'rxkcp/mux';
import { type ImpairOptions, impair, VirtualScheduler } from 'rxkcp/testing';

export interface MuxPair {
  readonly client: Mux;
  readonly server: Mux;
  readonly sessions: readonly [Session, Session];
  readonly scheduler: VirtualScheduler;
  /** Moves the clock until `until` ms. */
  run(until: number): void;
}

export interface MuxPairOptions {
  readonly network?: Omit<ImpairOptions, 'scheduler'>;
  readonly session?: SessionOptions;
  readonly mux?: Omit<MuxOptions, 'role'>;
}

export function muxPair({ network = {}, session = {}, mux: options = {} }: MuxPairOptions = {}): MuxPair {
  const scheduler = new VirtualScheduler();
  const [left, right] = memoryPair();
  const open = (link: Link): Session => {
    let opened: Session | undefined;
    connect({ link, conv: 1, mode: 'fast3', stream: true, scheduler, ...session }).subscribe((made) => {
      opened = made;
    });
    return opened as Session;
  };
  const sessions = [open(impair({ ...network, scheduler })(left)), open(right)] as const;
  return {
    client: mux(sessions[0], { role: 'client', scheduler, ...options }),
    server: mux(sessions[1], { role: 'server', scheduler, ...options }),
    sessions,
    scheduler,
    run: (until) => scheduler.run(until),
  };
}

/** What is read of a stream, how that ends, and how the stream does, in order. Bytes are joined. */
export function logOf(stream: MuxStream): string[] {
  const seen: string[] = [];
  let bytes = '';
  const end = (how: string): void => {
    if (bytes !== '') seen.push(bytes);
    bytes = '';
    seen.push(how);
  };
  stream.subscribe({
    next: (chunk) => (bytes += Buffer.from(chunk).toString()),
    error: (error) => end(error.code ?? error.message),
    complete: () => end('complete'),
  });
  stream.closed$.subscribe(({ reason }) => end(reason));
  return seen;
}
