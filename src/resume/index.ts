/**
 * Sessions that survive their connections.
 *
 * @module rxkcp/resume
 */

export type { RandomSource } from '../bytes/random.ts';
export type { Message } from '../core/kcp/message.ts';
export { ResumeError, type ResumeErrorKind } from '../core/resume/errors.ts';
export type { ResumeRecord, ResumeStore, StoredSession } from '../core/resume/record.ts';
export type { ResumeCoreOptions } from '../core/resume/settings.ts';
export type { FailedEnd, OrderlyEnd, SessionEnd } from '../session/end.ts';
export type { ResumeConnection } from './connection.ts';
export { type MemoryResumeStoreOptions, memoryResumeStore } from './memory-store.ts';
export type { ResumableOptions, ResumedOptions, ResumeOptions } from './options.ts';
export { resumable } from './resumable.ts';
export { ResumableSession } from './resumable-session.ts';
export { resumed } from './resumed.ts';
