// Congestion control, for who imports it.

export type { CongestionControl, Controlling, PacedQueue, PacedSegment, PacedSettings } from './congestion-control.ts';
export { controlling } from './controlled.ts';
export type { Acked, Controller, ControllerFactory, ControllerStart, Lost, Sent, Spurious } from './controller.ts';
export { cubic } from './cubic.ts';
export { kcpWindow } from './kcp-window.ts';
export { model } from './model.ts';
