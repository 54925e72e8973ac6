// How an endpoint talks to the bench: JSON lines out, and an end when its standard input closes.

import { flags } from './flags.ts';

export function emit(event: string, members: object): void {
  process.stdout.write(`${JSON.stringify({ event, ...members })}\n`);
}

export function fail(error: unknown): void {
  emit('error', { message: String(error) });
  process.exit(1);
}

/** Ends this process with the bench, and after `--timeout` in any case. */
export function liveAsLongAsTheBench(): void {
  if (flags.timeout > 0) setTimeout(() => process.exit(3), flags.timeout * 1000).unref();
  process.stdin.on('end', () => process.exit()).resume();
}
