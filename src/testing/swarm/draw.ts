// A plan from a seed. Each seed has some kinds of operations and of faults and not others: what all of them together would hide from each
// other comes to light so (A. Groce and others, "Swarm testing", 2012).

import type { ModeParameters } from '../../arq/modes.ts';
import { makeDice } from '../dice.ts';
import { burstsOf, type Impairments } from '../options.ts';
import type { Side } from '../transcript.ts';
import {
  endOf,
  type SwarmChanges,
  type SwarmDeed,
  type SwarmOperation,
  type SwarmPlan,
  type SwarmSettings,
} from './plan.ts';

type Kind = SwarmDeed['do'];
type Writable<T> = { -readonly [K in keyof T]: T[K] };

const STREAM = 0x706c616e;
const SIDES: readonly Side[] = ['left', 'right'];
const MODES = ['normal', 'fast', 'fast2', 'fast3'] as const;
const SHAPES = [
  [1, 1],
  [2, 1],
  [2, 2],
  [3, 1],
  [5, 2],
  [7, 1],
  [10, 3],
] as const;
/** Edges of the 31 and 32 bits that clocks have on the wire. */
const STARTS = [0x7fff_f000, 0xffff_f000, 123_456_789];
/** Bytes that are sent in a run, about. */
const VOLUME = 150_000;
/** ms that a single datagram is held back at most. One that is 500 ms late an end may take for a sign that its peer was restarted. */
const LATE_MAX = 450;
/** Bytes of everything in front of the data of a datagram: KCP, FEC, cipher. */
const HEADERS = 24 + 8 + 20;

/** Each kind of operation: its share among those of a plan that has it, and how many plans have it. */
const KINDS: Readonly<Record<Kind, readonly [weight: number, share: number]>> = {
  send: [10, 1],
  pause: [2, 0.4],
  resume: [2, 0.4],
  configure: [2, 0.3],
  kick: [1, 0.2],
  complete: [1, 0.4],
  close: [1, 0.2],
  restart: [1, 0.3],
  redial: [1.5, 0.3],
  blackout: [2, 0.4],
  jump: [1, 0.2],
  garbage: [2, 0.3],
};

/** Chance in words. */
class Chance {
  readonly #dice: () => number;

  constructor(seed: number) {
    this.#dice = makeDice(seed, STREAM);
  }

  share(): number {
    return this.#dice();
  }

  is(share: number): boolean {
    return this.#dice() < share;
  }

  integer(min: number, max: number): number {
    return min + Math.floor(this.#dice() * (max - min + 1));
  }

  /** As often between 1 and 10 as between 10 and 100. */
  scale(min: number, max: number): number {
    return Math.round(Math.exp(Math.log(min) + this.#dice() * (Math.log(max) - Math.log(min))));
  }

  pick<T>(choices: readonly T[]): T {
    return choices[Math.floor(this.#dice() * choices.length)] as T;
  }

  weighted<T>(choices: readonly (readonly [T, number])[]): T {
    let left = this.#dice() * choices.reduce((sum, [, weight]) => sum + weight, 0);
    for (const [choice, weight] of choices) {
      left -= weight;
      if (left < 0) return choice;
    }
    return (choices.at(-1) as readonly [T, number])[0];
  }
}

/**
 * What sort of run it is, and how many of all are:
 *
 * - `mixed`: anything, over up to 40 min.
 * - `busy`: ends that send all the time, while things happen to them.
 * - `brief`: a few messages, and both ends complete.
 * - `slow`: a reader that stops again and again, behind a small window.
 */
const MOODS = [
  ['mixed', 0.4],
  ['busy', 0.25],
  ['brief', 0.2],
  ['slow', 0.15],
] as const;

type Mood = (typeof MOODS)[number][0];

/** What operations depend on. */
interface Circumstances {
  readonly mood: Mood;
  readonly duration: number;
  readonly sealed: boolean;
  readonly hasFec: boolean;
  readonly settings: Readonly<Record<Side, SwarmSettings>>;
}

const DURATIONS: Readonly<Record<Mood, readonly [min: number, max: number]>> = {
  mixed: [100, 2_400_000],
  busy: [300, 20_000],
  brief: [10, 2000],
  slow: [300, 20_000],
};

/** The plan of a seed, any 32-bit integer. */
export function planOf(seed: number): SwarmPlan {
  const chance = new Chance(seed);
  const mood = chance.weighted(MOODS);
  const sealed = chance.is(0.25);
  const hasFec = chance.is(mood === 'busy' ? 0.5 : 0.2);
  const isStream = chance.is(0.2);
  const left = settings(chance, mood, hasFec, isStream);
  const right = settings(chance, mood, hasFec, isStream);
  const duration = chance.scale(...DURATIONS[mood]);
  const circumstances = { mood, duration, sealed, hasFec, settings: { left, right } };
  return {
    seed,
    ...(chance.is(0.2) ? { start: chance.pick(STARTS) } : {}),
    ...(sealed ? { sealed } : {}),
    ...(chance.is(0.5) ? { inOrder: true } : {}),
    left,
    right,
    network: drawNetwork(chance, sealed, mood),
    ...drawCourse(chance, circumstances),
  };
}

function settings(chance: Chance, mood: Mood, hasFec: boolean, isStream: boolean): SwarmSettings {
  const drawn: Writable<SwarmSettings> = { mode: chance.is(0.8) ? chance.pick(MODES) : parameters(chance) };
  if (chance.is(0.6)) drawn.sendWindow = chance.scale(1, 256);
  if (mood === 'slow') drawn.receiveWindow = chance.scale(1, 32);
  else if (chance.is(0.6)) drawn.receiveWindow = chance.scale(1, 256);
  if (chance.is(0.4)) drawn.mtu = chance.integer(100, 1472);
  if (isStream && chance.is(0.8)) drawn.stream = true;
  if (chance.is(0.3)) drawn.ackNoDelay = true;
  if (chance.is(0.2)) drawn.writeDelay = true;
  if (chance.is(0.2)) drawn.idleTimeout = chance.scale(1000, 60_000);
  if (chance.is(0.4)) drawn.deadAfter = chance.scale(2000, 60_000);
  if (chance.is(0.05)) drawn.deadLink = chance.integer(5, 30);
  if (chance.is(0.05)) drawn.sendQueueSegments = chance.scale(10, 1000);
  if (chance.is(0.05)) drawn.duplicates = 1;
  if (hasFec && chance.is(0.8)) {
    const [data, parity] = chance.pick(SHAPES);
    const shape = { data, parity };
    drawn.fec = chance.is(0.7) ? shape : { encode: shape };
  }
  return drawn;
}

function parameters(chance: Chance): ModeParameters {
  return {
    nodelay: chance.is(0.5),
    interval: chance.scale(10, 500),
    resend: chance.integer(0, 5),
    nc: chance.is(0.5),
  };
}

function drawNetwork(chance: Chance, sealed: boolean, mood: Mood): SwarmPlan['network'] {
  const both = impairments(chance, sealed, mood);
  if (chance.is(0.8)) return both;
  return { ...both, [chance.pick(['outgoing', 'incoming'])]: impairments(chance, sealed, mood) };
}

function impairments(chance: Chance, sealed: boolean, mood: Mood): Impairments {
  const drawn: Writable<Impairments> = {};
  if (chance.is(0.9)) drawn.delay = chance.scale(1, 300);
  if (chance.is(0.4)) drawn.jitter = chance.integer(0, drawn.delay ?? 10);
  if (chance.is(0.3)) drawn.duplicate = chance.pick([0.01, 0.1, 0.5]);
  if (chance.is(mood === 'slow' ? 0.7 : 0.4)) drawn.reorder = chance.pick([0.01, 0.1, 0.3]);
  if (drawn.reorder !== undefined && chance.is(0.3)) drawn.reorderBy = chance.scale(1, LATE_MAX);
  if (mood === 'brief') {
    drawn.loss = chance.pick([0.01, 0.1, 0.2]);
    return drawn;
  }
  if (chance.is(0.5)) drawn.loss = chance.pick([0.01, 0.05, 0.1, 0.2, 0.4]);
  if (chance.is(0.2)) drawn.burstLoss = burstsOf(chance.pick([0.02, 0.1, 0.3]), chance.integer(2, 20));
  if (sealed && chance.is(0.3)) drawn.corrupt = chance.pick([0.01, 0.1]);
  if (chance.is(0.15)) {
    const bytesPerSecond = chance.scale(20_000, 2_000_000);
    drawn.rate = { bytesPerSecond, queueBytes: Math.round(bytesPerSecond * chance.share()) };
  }
  return drawn;
}

function drawCourse(chance: Chance, circumstances: Circumstances): Pick<SwarmPlan, 'operations' | 'healsAt'> {
  const { duration, mood } = circumstances;
  const kinds = (Object.keys(KINDS) as Kind[]).flatMap((kind) => {
    const [weight, share] = KINDS[kind];
    return chance.is(mood === 'brief' ? share / 10 : share) || kind === 'send' ? [[kind, weight] as const] : [];
  });
  const operations = theme(chance, circumstances);
  const count = mood === 'brief' ? chance.integer(0, 4) : chance.scale(2, 25);
  let at = 0;
  for (let i = 0; i < count; i++) {
    // What happens close together has more to do with each other.
    if (chance.is(0.5)) at = chance.integer(0, duration);
    else at = Math.min(at + chance.scale(1, 300), duration);
    operations.push({ at, ...deed(chance, chance.weighted(kinds), circumstances) });
  }
  if (mood === 'brief' || chance.is(0.3)) {
    for (const side of SIDES) operations.push({ at: at + chance.scale(1, 3000), do: 'complete', side });
  }
  operations.sort((a, b) => a.at - b.at);
  const last = Math.max(...operations.map(endOf));
  const heals = mood === 'brief' ? 120_000 : chance.is(0.7) ? chance.scale(10, 20_000) : 0;
  return { operations, ...(heals > 0 ? { healsAt: last + heals } : {}) };
}

/** What makes a mood. */
function theme(chance: Chance, circumstances: Circumstances): SwarmOperation[] {
  const { mood, duration } = circumstances;
  const opener: SwarmOperation = { at: 0, do: 'send', side: 'left', bytes: chance.scale(1, 1400) };
  if (mood === 'mixed') return [opener];
  if (mood === 'brief') return [opener, { at: chance.integer(0, duration), do: 'send', side: 'right', bytes: 1 }];
  if (mood === 'busy') {
    const streams = SIDES.flatMap((side) => (chance.is(0.8) ? [stream(chance, side, circumstances)] : []));
    if (chance.is(0.5)) return [opener, ...streams];
    const at = chance.integer(0, Math.floor(0.6 * duration));
    return [opener, ...streams, { at, do: 'redial' }, { at, do: 'send', side: 'left', bytes: 1 }];
  }
  const reader = chance.pick(SIDES);
  const pauses = Array.from({ length: chance.integer(3, 20) }, () => ({
    at: chance.integer(0, duration),
    do: 'pause' as const,
    side: reader,
    duration: chance.scale(10, 1000),
  }));
  return [opener, stream(chance, reader === 'left' ? 'right' : 'left', circumstances), ...pauses];
}

/** What an end sends all the time. */
function stream(chance: Chance, side: Side, { duration }: Circumstances): SwarmOperation {
  const bytes = chance.scale(1, 1400);
  const count = Math.max(2, Math.min(chance.scale(10, 400), Math.ceil((2 * VOLUME) / (bytes + HEADERS))));
  return { at: 0, do: 'send', side, bytes, count, gap: Math.ceil(duration / count) };
}

function deed(chance: Chance, kind: Kind, circumstances: Circumstances): SwarmDeed {
  const side = chance.pick(SIDES);
  switch (kind) {
    case 'send':
      return sending(chance, side, circumstances.duration, circumstances.settings[side]);
    case 'pause':
      return { do: kind, side, ...(chance.is(0.5) ? { duration: chance.scale(10, 60_000) } : {}) };
    case 'configure':
      return { do: kind, side, changes: changes(chance) };
    case 'restart':
      return { do: kind, side, ...(chance.is(0.8) ? { down: chance.scale(1, 20_000) } : {}) };
    case 'redial':
      return { do: kind, ...(chance.is(0.5) ? { gap: chance.scale(1, 20_000) } : {}) };
    case 'blackout':
      return {
        do: kind,
        duration: chance.scale(10, 60_000),
        ...(chance.is(0.5) ? { from: chance.pick(SIDES) } : {}),
      };
    case 'jump':
      return { do: kind, side, ms: chance.scale(1, 3_600_000) };
    case 'garbage':
      return garbage(chance, side, circumstances);
    default:
      return { do: kind, side };
  }
}

function garbage(chance: Chance, side: Side, { sealed, hasFec }: Circumstances): SwarmDeed {
  const kinds = ['noise', 'cut', 'flipped'] as const;
  const kind = chance.pick(sealed ? kinds : kinds.slice(0, hasFec ? 1 : 2));
  return { do: 'garbage', side, kind, bytes: chance.integer(0, 1500), count: chance.integer(1, 20) };
}

function sending(chance: Chance, side: Side, duration: number, { mtu = 1400, stream }: SwarmSettings): SwarmDeed {
  // One in fifty is of any length at all, the longest that there is, or too long.
  const longest = 255 * (mtu - HEADERS);
  const bytes = chance.is(0.02)
    ? chance.pick([0, longest, longest + 255 * HEADERS + 1, chance.integer(1, longest)])
    : chance.scale(1, stream ? 30_000 : 6000);
  if (chance.is(0.4)) return { do: 'send', side, bytes };
  const count = Math.max(1, Math.min(chance.scale(2, 300), Math.floor((VOLUME * chance.share()) / (bytes + HEADERS))));
  const gap = chance.is(0.7) ? Math.min(chance.scale(1, 1000), Math.ceil(duration / count)) : 0;
  return { do: 'send', side, bytes, count, gap };
}

function changes(chance: Chance): SwarmChanges {
  const drawn: Writable<SwarmChanges> = {};
  if (chance.is(0.3)) drawn.mode = chance.pick(MODES);
  if (chance.is(0.3)) drawn.sendWindow = chance.scale(1, 256);
  if (chance.is(0.5)) drawn.receiveWindow = chance.scale(1, 256);
  if (chance.is(0.2)) drawn.mtu = chance.integer(100, 1472);
  if (chance.is(0.1)) drawn.stream = chance.is(0.5);
  if (chance.is(0.2)) drawn.ackNoDelay = chance.is(0.5);
  if (chance.is(0.2)) drawn.writeDelay = chance.is(0.5);
  if (chance.is(0.1)) drawn.idleTimeout = chance.pick([0, chance.scale(1000, 60_000)]);
  if (chance.is(0.1)) drawn.deadAfter = chance.scale(2000, 60_000);
  return drawn;
}
