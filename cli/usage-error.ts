// What is wrong with a command line: one sentence, and exit code 2.

export class UsageError extends Error {}

/** An integer flag. @throws UsageError */
export function integerFlag(name: string, text: unknown, min: number, max: number): number {
  const value = typeof text === 'string' && text.trim() !== '' ? Number(text) : text;
  if (Number.isInteger(value) && (value as number) >= min && (value as number) <= max) return value as number;
  throw new UsageError(`--${name} must be an integer from ${min} to ${max}, got ${JSON.stringify(text)}`);
}

/** A number with a fraction. @throws UsageError */
export function numberFlag(name: string, text: string, min: number, max: number): number {
  const value = text.trim() === '' ? Number.NaN : Number(text);
  if (value >= min && value <= max) return value;
  throw new UsageError(`--${name} must be a number from ${min} to ${max}, got ${JSON.stringify(text)}`);
}

/** Bytes: `1000`, `64K`, `16M`, `2G`, in powers of 1024. @throws UsageError */
export function bytesFlag(name: string, text: string): number {
  const [, digits = '', unit = ''] = /^(\d+)([KMG]?)$/i.exec(text) ?? [];
  const value = Number(digits) * 1024 ** ' KMG'.indexOf(unit.toUpperCase() || ' ');
  if (digits !== '' && value >= 1 && Number.isSafeInteger(value)) return value;
  throw new UsageError(`--${name} must be a number of bytes such as 1000, 64K or 16M, got ${JSON.stringify(text)}`);
}
