// The connection below a smux session, whatever it is.

/** Who uses a carrier. */
export interface CarrierSink {
  /** Bytes have arrived. They are lent for the duration of the call. */
  data(chunk: Uint8Array): void;
  /** There is room again. */
  drained(): void;
  /** The connection has ended; with `error`, it has failed. */
  ended(error?: unknown): void;
}

/** The same face for all of them. */
export interface ByteCarrier {
  /** Whether `write` copies: what it was given may change afterwards. */
  readonly copies: boolean;
  /** Whether to wait for `drained` before the next `write`. */
  readonly isFull: boolean;
  /** Most bytes of one `write`. */
  readonly writeMax: number;
  start(sink: CarrierSink): void;
  write(pieces: Uint8Array[]): void;
  /** Stops and restarts `data`. */
  hold(): void;
  release(): void;
  /** Ends the connection when all that was written has arrived, as far as it can tell. */
  finish(): void;
  /** Ends the connection at once. */
  close(): void;
}
