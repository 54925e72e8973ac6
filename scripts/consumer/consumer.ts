// A small user of the package: check-package compiles it against the packed tarball, lint against the sources.
import type { Observable } from 'rxjs';
import { connect, listen, type Session } from 'rxkcp';
import { type Mux, mux } from 'rxkcp/mux';
import { arq, decodeLines } from 'rxkcp/operators';
import { type ResumableSession, resumable, resumed } from 'rxkcp/resume';
import { toWebStreams } from 'rxkcp/streams';
import { type Pair, pair } from 'rxkcp/testing';

export const servers: Observable<unknown> = listen({ port: 4000 });
export const clients: Observable<unknown> = connect({ host: '127.0.0.1', port: 4000 });
export const { transmit } = arq({ conv: 1 });
export const simulated: Pair = pair({ network: { loss: 0.1, delay: 50 } });
export const linesOf = (session: Session): Observable<string> => session.pipe(decodeLines());
export const readableOf = (session: Session): ReadableStream<Uint8Array> => toWebStreams(session).readable;
export const streamsOf = (session: Session): Mux => mux(session, { role: 'client' });
export const survivors: Observable<ResumableSession> = resumable(connect({ port: 4000 }));
export const returned: Observable<ResumableSession> = listen({ port: 4000 }).pipe(resumed());
