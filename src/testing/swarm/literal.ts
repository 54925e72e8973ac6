// A plan as it is written in a program: to be pasted into a spec.

import type { SwarmPlan } from './plan.ts';

const WIDTH = 100;

/** `{ seed: 7, left: {}, … }`, one operation a line. */
export function literalOf(plan: SwarmPlan): string {
  return written(plan, '');
}

function written(value: unknown, indent: string): string {
  if (typeof value === 'string') return `'${value}'`;
  if (typeof value !== 'object' || value === null) return String(value);
  const inner = `${indent}  `;
  const isList = Array.isArray(value);
  const parts = Object.entries(value)
    .filter(([, part]) => part !== undefined)
    .map(([name, part]) => (isList ? written(part, inner) : `${name}: ${written(part, inner)}`));
  const line = parts.join(', ');
  if (parts.length === 0) return isList ? '[]' : '{}';
  if (!line.includes('\n') && line.length < WIDTH - indent.length) return isList ? `[${line}]` : `{ ${line} }`;
  const lines = parts.map((part) => `${inner}${part},\n`).join('');
  return isList ? `[\n${lines}${indent}]` : `{\n${lines}${indent}}`;
}
