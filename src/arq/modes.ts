// How eagerly lost segments are sent again.

/** How eagerly lost segments are sent again: kcp's four "nodelay" parameters. */
export interface ModeParameters {
  /** Minimum RTO of 30 ms instead of 100, and a timeout grows by half an RTO instead of a whole one. */
  readonly nodelay: boolean;
  /** ms between flushes, 10 … 5000: how long an ack may wait for company. */
  readonly interval: number;
  /** Later segments acknowledged after which one counts as lost, 0 … 255; 0: only its timeout tells. */
  readonly resend: number;
  /** No congestion window: only the two send and receive windows limit what is in flight. False is `controller: 'kcp'`. */
  readonly nc: boolean;
}

/** Name of a preset, from the thriftiest to the most eager. */
export type ModeName = 'normal' | 'fast' | 'fast2' | 'fast3';

/** kcptun's presets. */
export const MODES: Readonly<Record<ModeName, ModeParameters>> = /* @__PURE__ */ Object.freeze({
  normal: /* @__PURE__ */ preset(false, 40),
  fast: /* @__PURE__ */ preset(false, 30),
  fast2: /* @__PURE__ */ preset(true, 20),
  fast3: /* @__PURE__ */ preset(true, 10),
});

function preset(nodelay: boolean, interval: number): ModeParameters {
  return Object.freeze({ nodelay, interval, resend: 2, nc: true });
}
