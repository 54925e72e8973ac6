// How a message of an error shows a value.

export function describe(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.length > 80 ? `${value.slice(0, 80)}…` : value);
  if (value instanceof Uint8Array) return `${value.length} bytes`;
  if (value && typeof value === 'object') return value.constructor?.name ?? 'object';
  return String(value);
}
