// Marble tests of a conversation: RxJS's TestScheduler with two connected sessions in it.

import { Subscription } from 'rxjs';
import { type RunHelpers, TestScheduler } from 'rxjs/testing';
import { checkOptions, type OptionNames, requireFunction, requireInteger } from '../check.ts';
import type { Link } from '../link/link.ts';
import { memoryPair } from '../link/memory.ts';
import { connect } from '../session/connect.ts';
import type { Session } from '../session/session.ts';
import { useScheduler } from './default-clock.ts';
import { seededRandom } from './dice.ts';
import { impair } from './impair.ts';
import type { PairOptions } from './pair.ts';
import { Transcript } from './transcript.ts';

/** Settings of {@link virtual}. */
export interface VirtualOptions extends Omit<PairOptions, 'scheduler'> {
  /** Virtual ms after which time stops, whatever is still to be done. 0 … 4294967295. Default 60000. */
  readonly until?: number | undefined;
}

/** What a marble test works with: the helpers of `TestScheduler.run`, and a conversation. */
export interface VirtualHelpers extends RunHelpers {
  /** One end of the conversation. Messages wait until it is subscribed to. */
  readonly left: Session;
  /** The other end. */
  readonly right: Session;
  /** The clock, which is the default of everything within the test. */
  readonly scheduler: TestScheduler;
  /** What happened to datagrams. */
  readonly transcript: Transcript;
}

const NAMES: OptionNames<VirtualOptions> = {
  seed: true,
  network: true,
  options: true,
  left: true,
  right: true,
  keep: true,
  until: true,
};

/**
 * Runs a marble test of a conversation: two connected sessions, and the network between them, in virtual time.
 *
 * `test` is called like the callback of `TestScheduler.run`. Everything in it without an explicit clock is on the virtual clock. The
 * sessions are connected but not yet read: subscribe to them, or give them to `expectObservable`.
 *
 * `TestScheduler.run` never returns while something is still to be done, and an open session may always have something to do (it probes
 * a closed window, or a silent peer if it has an `idleTimeout`). Here time stops at `until`, the diagrams are compared, and both sessions
 * are closed. The diagrams do not show that.
 *
 * @example
 * virtual(
 *   (actual, expected) => deepStrictEqual(actual, expected),
 *   ({ cold, expectObservable, left, right }) => {
 *     cold('a-b', { a: Uint8Array.of(1), b: Uint8Array.of(2) }).subscribe(left);
 *     expectObservable(right.pipe(map(([first]) => first))).toBe('20ms a-b', { a: 1, b: 2 });
 *   },
 *   { network: { delay: 20 } },
 * );
 *
 * @param assertDeepEqual how the test framework compares; it throws if the two are not equal.
 * @param test the test; may return a value.
 * @param options the network, the sessions and the time; see {@link VirtualOptions}.
 * @returns what `test` returned.
 * @throws OptionError if an option is invalid; `error.option` names it. Whatever `test` or `assertDeepEqual` throws.
 */
export function virtual<T>(
  assertDeepEqual: ConstructorParameters<typeof TestScheduler>[0],
  test: (helpers: VirtualHelpers) => T,
  options: VirtualOptions = {},
): T {
  requireFunction('assertDeepEqual', assertDeepEqual);
  requireFunction('test', test);
  checkOptions(options, NAMES);
  const { until = 60_000, keep = 10_000 } = options;
  requireInteger('until', until, 0, 0xffff_ffff);
  requireInteger('keep', keep, 0, 0xffff_ffff);
  const scheduler = new TestScheduler(assertDeepEqual);
  const life = new Subscription();
  try {
    return scheduler.run((helpers) => {
      life.add(useScheduler(scheduler));
      scheduler.maxFrames = until;
      const transcript = new Transcript(keep);
      return test({ ...helpers, ...open(options, scheduler, transcript, life), scheduler, transcript });
    });
  } finally {
    life.unsubscribe();
  }
}

/** The two sessions, which are closed at the end of `life`. */
function open(
  virtualOptions: VirtualOptions,
  scheduler: TestScheduler,
  transcript: Transcript,
  life: Subscription,
): Pick<VirtualHelpers, 'left' | 'right'> {
  const { seed = 1, network = {}, options = {} } = virtualOptions;
  const [leftLink, rightLink] = memoryPair();
  const impaired = impair({
    ...network,
    seed,
    scheduler,
    watch: ({ at, direction, what, cause, packet }) =>
      transcript.add({ at, from: direction === 'outgoing' ? 'left' : 'right', what, cause, packet }),
  })(leftLink);
  const session = (link: Link, side: 'left' | 'right'): Session => {
    const random = seededRandom(seed + (side === 'left' ? 1 : 2));
    let opened: Session | undefined;
    life.add(
      connect({ random, conv: 1, ...options, ...virtualOptions[side], scheduler, link }).subscribe((made) => {
        opened = made;
      }),
    );
    // A link that is there already makes its session within the call.
    return opened as unknown as Session;
  };
  return { left: session(impaired, 'left'), right: session(rightLink, 'right') };
}
