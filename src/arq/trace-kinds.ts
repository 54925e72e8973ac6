// What a listener asks of a trace: events of some kinds, or of all.

import { ensure } from '../check.ts';
import { TRACE_ALL, type TraceEvent, type TraceKind } from '../core/kcp/trace.ts';
import { filter, type Observable } from '../rx/rxjs.ts';

/** The operator for events of `kinds`, or of all. @throws OptionError when one of `kinds` is not a kind. */
export function ofKinds<K extends TraceKind>(
  kinds: readonly K[],
): (events$: Observable<TraceEvent>) => Observable<TraceEvent<K>> {
  for (const kind of kinds) {
    ensure('kind', kind, TRACE_ALL.includes(kind), `one of ${TRACE_ALL.join(', ')}`);
  }
  return filter(
    (event): event is TraceEvent<K> => kinds.length === 0 || (kinds as readonly TraceKind[]).includes(event.kind),
  );
}
