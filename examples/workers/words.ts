// What a pool and its workers say to each other.

export interface Stats {
  /** That are open. */
  readonly sessions: number;
  /** That were answered. */
  readonly messages: number;
}

/** What a worker is to be, in its environment: threads and processes both have one. */
export interface Place {
  readonly WORKER_NAME: string;
  /** 0: any free one. */
  readonly WORKER_PORT: string;
}

export type Order =
  | { readonly kind: 'count' }
  /** Sessions say goodbye, and have what they sent acknowledged. */
  | { readonly kind: 'drain' }
  | { readonly kind: 'leave' };

export type Report =
  | { readonly kind: 'listening'; readonly port: number }
  | ({ readonly kind: 'counted' } & Stats)
  /** No session is open. */
  | { readonly kind: 'drained' };

/** What a session says last, to its client: KCP itself has no goodbye. */
export const GOODBYE = 'goodbye';
