// The ways to use a session: each writes with backpressure, and reads.

import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { firstValueFrom } from 'rxjs';
import type { Session } from 'rxkcp';
import { toDuplex } from 'rxkcp/node';
import { toWebStreams } from 'rxkcp/streams';
import type { Use } from '../loads.ts';

export interface End {
  /** Resolves when the session has taken the message. */
  write(message: Uint8Array): Promise<unknown>;
  /** Resolves when the peer has acknowledged everything, and the session is closed. */
  finish(): Promise<unknown>;
}

type Open = (session: Session, take: (bytes: Uint8Array) => void) => End;

/** Messages that a slow reader takes before a pause of as many ms. */
const SLOW = { messages: 40, pause: 1_500 };

/** What a session fails with is told by its `closed$`. */
const ignore = (): void => {};

/** In each, `take` throws nothing. */
export const ENDS: Readonly<Record<Use, Open>> = {
  session(session, take) {
    session.subscribe({ next: take, error: ignore });
    return ofSession(session);
  },
  'slow-reader'(session, take) {
    void readSlowly(session, take).catch(ignore);
    return ofSession(session);
  },
  web(session, take) {
    const { readable, writable } = toWebStreams(session);
    const writer = writable.getWriter();
    writer.closed.catch(ignore);
    void readWeb(readable, take).catch(ignore);
    return { write: (message) => writer.write(message), finish: () => writer.close() };
  },
  duplex(session, take) {
    const duplex = toDuplex(session).on('data', take).on('error', ignore);
    return {
      write: (message) =>
        new Promise<void>((resolve, reject) => {
          duplex.write(message, (error) => (error ? reject(error) : resolve()));
        }),
      finish: () => once(duplex.end(), 'close'),
    };
  },
};

function ofSession(session: Session): End {
  return {
    write: (message) => session.send(message),
    finish: () => {
      session.complete();
      return firstValueFrom(session.closed$);
    },
  };
}

async function readSlowly(session: Session, take: (bytes: Uint8Array) => void): Promise<void> {
  let read = 0;
  for await (const message of session) {
    take(message);
    if (++read % SLOW.messages === 0) await sleep(SLOW.pause);
  }
}

async function readWeb(readable: ReadableStream<Uint8Array>, take: (bytes: Uint8Array) => void): Promise<void> {
  const reader = readable.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    take(value);
  }
}
