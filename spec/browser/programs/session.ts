// Runs in a worker of the browser: one end of a session over the port that the page gives it. Sends its own bytes, takes the
// peer's, and tells the page what came of it.

import { connect, type MessagePortLike, messagePortLink, type SessionOptions, salsa20, snmp } from 'rxkcp';
import { impair, seededRandom } from 'rxkcp/testing';

/** What a worker is told. */
export interface Task {
  readonly port: MessagePortLike;
  /** Of the bytes that it sends, and of the losses on the way. */
  readonly seed: number;
  /** Bytes that each end sends. */
  readonly bytes: number;
  /** Share of its datagrams that is lost. */
  readonly loss: number;
}

/** What it says. */
export interface Report {
  readonly sent: string;
  readonly received: string;
  readonly receivedBytes: number;
  /** Datagrams of its own that were lost. */
  readonly lost: number;
  /** Packets of the peer that FEC has recovered. */
  readonly recovered: number;
  readonly ms: number;
}

/** The worker's global scope, as far as it is used here. */
const worker = globalThis as unknown as {
  onmessage: (event: { readonly data: Task }) => void;
  postMessage(message: Report | { readonly error: string }): void;
};

async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

async function exchange({ port, seed, bytes, loss }: Task): Promise<Report> {
  let lost = 0;
  const network = impair({
    seed,
    outgoing: { loss, delay: 5, jitter: 2 },
    watch: ({ what }) => {
      if (what === 'lost') lost++;
    },
  });
  const options: SessionOptions = {
    conv: 7,
    cipher: salsa20(new Uint8Array(32).fill(7)),
    fec: { data: 10, parity: 3 },
    mode: 'fast3',
    stream: true,
    sendWindow: 1024,
    receiveWindow: 1024,
  };
  const own = new Uint8Array(bytes);
  const random = seededRandom(seed);
  random(own);
  const received = new Uint8Array(bytes);
  const began = performance.now();
  let at = 0;
  await new Promise<void>((resolve, reject) => {
    connect({ link: network(messagePortLink(port)), ...options }).subscribe({
      error: reject,
      next: (session) => {
        const both = [
          (async () => {
            for (let from = 0; from < bytes; from += 65_536) await session.send(own.subarray(from, from + 65_536));
          })(),
          (async () => {
            for await (const message of session) {
              received.set(message, at);
              at += message.length;
              if (at >= bytes) return;
            }
          })(),
        ];
        Promise.all(both).then(() => resolve(), reject);
        session.closed$.subscribe(({ reason, error }: { reason: string; error?: unknown }) => {
          if (at < bytes) reject(error ?? new Error(`the session ended: ${reason}`));
        });
      },
    });
  });
  // The session is left open: the peer may still miss what was sent last.
  return {
    sent: await sha256(own),
    received: await sha256(received),
    receivedBytes: at,
    lost,
    recovered: snmp().FECRecovered,
    ms: Math.round(performance.now() - began),
  };
}

export function serve(): void {
  worker.onmessage = ({ data }) => {
    exchange(data).then(
      (report) => worker.postMessage(report),
      (error: unknown) => worker.postMessage({ error: String(error) }),
    );
  };
}
