// The resume layer without I/O, for `rxkcp/core` and `rxkcp/resume`.

export * from './errors.ts';
export {
  type AckFrame,
  type DataFrame,
  decodeFrame as decodeResumeFrame,
  encodeFrame as encodeResumeFrame,
  type GoodbyeFrame,
  type GoodbyeReason,
  type Handshake,
  type HelloFrame,
  type ResumeFrame,
  type WelcomeFrame,
} from './frame.ts';
export type { ResumeRecord, ResumeStore, StoredSession } from './record.ts';
export { ResumeEnd } from './resume-end.ts';
export { type ResumeCoreOptions, type ResumeSettings, resumeSettings } from './settings.ts';
