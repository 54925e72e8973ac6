// A plan with a finding, made as short and as simple as it can be with a finding of the same kind.

import type { SwarmFinding } from './finding.ts';
import type { SwarmOperation, SwarmPlan } from './plan.ts';
import { runPlan, type SwarmRunOptions } from './run.ts';

/** Plans that are tried, unless said otherwise. */
const TRIES = 600;

/** Numbers that mean the same in any unit: these are not halved. */
const FIXED: ReadonlySet<string> = new Set(['seed']);

type Plain = null | boolean | number | string | readonly Plain[] | { readonly [name: string]: Plain };

/** What is left of a plan. */
export interface SwarmShrunk {
  /** The plan, as short as it became. */
  readonly plan: SwarmPlan;
  /** What is wrong with it. */
  readonly finding: SwarmFinding;
  /** Plans that were run. */
  readonly tries: number;
}

/**
 * Shrinks a plan: leaves out operations and settings, and halves numbers, as long as a run has a finding of the same kind.
 *
 * @returns the plan itself, if it is as short as can be; undefined if a run of it finds nothing.
 */
export function shrinkPlan(plan: SwarmPlan, options: SwarmRunOptions = {}, triesMax = TRIES): SwarmShrunk | undefined {
  const { finding } = runPlan(plan, options);
  if (finding === undefined) return undefined;
  let shrunk: SwarmShrunk = { plan, finding, tries: 1 };
  let tries = 1;
  const isStill = (candidate: SwarmPlan): boolean => {
    if (tries >= triesMax) return false;
    tries++;
    let found: SwarmFinding | undefined;
    try {
      found = runPlan(candidate, options).finding;
    } catch {
      // A plan that no session accepts: an option without the one that it needs.
      return false;
    }
    if (found?.kind !== finding.kind) return false;
    shrunk = { plan: candidate, finding: found, tries };
    return true;
  };
  for (let before: SwarmPlan | undefined; before !== shrunk.plan && tries < triesMax; ) {
    before = shrunk.plan;
    withoutOperations(shrunk.plan, isStill);
    simpler(shrunk.plan, isStill);
  }
  return { ...shrunk, tries };
}

/** Leaves out operations: half of them, a quarter, …, one. */
function withoutOperations(plan: SwarmPlan, isStill: (plan: SwarmPlan) => boolean): void {
  let operations = plan.operations;
  for (let size = Math.ceil(operations.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let at = 0; at < operations.length; ) {
      const left: SwarmOperation[] = operations.filter((_, index) => index < at || index >= at + size);
      if (isStill({ ...plan, operations: left })) operations = left;
      else at += size;
    }
  }
}

/** Leaves out settings, and makes numbers smaller, one after another. */
function simpler(plan: SwarmPlan, isStill: (plan: SwarmPlan) => boolean): void {
  let simple = plan as unknown as Plain;
  for (const path of pathsOf(simple)) {
    for (const value of simplerValues(valueAt(simple, path), path)) {
      const candidate = replaced(simple, path, value);
      if (!isStill(candidate as unknown as SwarmPlan)) continue;
      simple = candidate;
      break;
    }
  }
}

/** Ways to everything in it that can be simpler, the outer before the inner. */
function pathsOf(value: Plain, path: readonly string[] = []): (readonly string[])[] {
  if (typeof value !== 'object' || value === null) return [path];
  const inner = Object.entries(value).flatMap(([name, part]) => pathsOf(part as Plain, [...path, name]));
  return path.length === 0 ? inner : [path, ...inner];
}

const NEEDED: ReadonlySet<string> = new Set(
  'seed left right network operations at do side kind bytes ms duration changes'.split(' '),
);

/** Simpler values than `value`, the simplest first; `undefined` is to leave it out. */
function simplerValues(value: Plain | undefined, path: readonly string[]): (Plain | undefined)[] {
  const name = path.at(-1) as string;
  const isElement = /^\d+$/.test(name);
  const values: (Plain | undefined)[] = value === undefined || isElement || NEEDED.has(name) ? [] : [undefined];
  if (typeof value !== 'number' || FIXED.has(name)) return values;
  const rounded = Number(value.toPrecision(1));
  for (const smaller of [0, 1, Math.round(value / 10), Math.round(value / 2), rounded]) {
    if (Math.abs(smaller) < Math.abs(value) || smaller === rounded) values.push(smaller);
  }
  return values.filter((candidate) => candidate !== value);
}

function valueAt(value: Plain | undefined, path: readonly string[]): Plain | undefined {
  return path.reduce<Plain | undefined>(
    (part, name) => (part as Readonly<Record<string, Plain>> | undefined)?.[name],
    value,
  );
}

/** A copy of `value` in which `part` is at the end of `path`. */
function replaced(value: Plain, [name, ...path]: readonly string[], part: Plain | undefined): Plain {
  if (name === undefined) return part as Plain;
  const copy = (Array.isArray(value) ? [...value] : { ...(value as object) }) as Record<string, Plain>;
  const inner = path.length === 0 ? part : replaced(copy[name] as Plain, path, part);
  if (inner === undefined) delete copy[name];
  else copy[name] = inner;
  return copy;
}
