// The limit of listeners, beyond which Node warns of a leak. Each session on a lent socket adds a listener per event.

import type { EventEmitter } from 'node:events';

/** How far the limit of an emitter was raised since its owner set it last. */
interface Raise {
  /** The limit as it was set here. */
  limit: number;
  by: number;
}

const raises = new WeakMap<EventEmitter, Raise>();

/**
 * Raises the limit by one listener. A limit that the emitter's owner sets meanwhile stays as it is.
 *
 * @returns what lowers the limit again, once.
 */
export function allowListener(emitter: EventEmitter): () => void {
  const before = emitter.getMaxListeners();
  // 0 is unlimited.
  if (before === 0 || before === Infinity) return () => {};
  const last = raises.get(emitter);
  const raise = last?.limit === before ? last : { limit: before, by: 0 };
  raises.set(emitter, raise);
  raise.by++;
  emitter.setMaxListeners(++raise.limit);
  return () => {
    if (raises.get(emitter) !== raise || emitter.getMaxListeners() !== raise.limit) return;
    emitter.setMaxListeners(--raise.limit);
    if (--raise.by === 0) raises.delete(emitter);
  };
}
