// What a run of a swarm may find.

/**
 * - `altered`: a message arrived with other bytes, or with other message boundaries.
 * - `doubled`, `out of order`: one arrived that had arrived before, or before others that were sent first.
 * - `foreign`: one arrived that was not sent in that conversation.
 * - `lost`: one did not arrive, and neither end was told.
 * - `stuck`: an end waits for something that never comes.
 * - `false death`: a session was called dead, idle or restarted although its peer was there.
 * - `untyped end`: a session failed with an error that is none of this library's.
 * - `timer left`, `memory left`: something was still there when all was done, or when all was closed.
 * - `threw`: something threw.
 * - `protocol`: the protocol on top has called `fail`.
 */
export type SwarmFindingKind =
  | 'altered'
  | 'doubled'
  | 'out of order'
  | 'foreign'
  | 'lost'
  | 'stuck'
  | 'false death'
  | 'untyped end'
  | 'timer left'
  | 'memory left'
  | 'threw'
  | 'protocol';

/** Something that must not be. */
export interface SwarmFinding {
  /** What sort of thing: a plan is shrunk as long as this stays the same. */
  readonly kind: SwarmFindingKind;
  /** What it was, in words. */
  readonly what: string;
  /** When it was seen, virtual ms after the beginning. */
  readonly at: number;
}
