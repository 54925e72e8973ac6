// How fast each transfer was, in one line each, printed when a suite is over.

import { afterAll } from 'vitest';
import type { Conversation, Outcome } from './conversations.ts';

/** To be called in a suite; returns what takes its figures. */
export function printFigures(suite: string): (title: string, conversation: Conversation, outcome: Outcome) => void {
  const lines = [`${suite}:`];
  afterAll(() => console.log(lines.join('\n')));
  return (title, { work, bytes }, { client, server }) => {
    const seconds = Math.max(client.seconds, server.seconds);
    const megabytes = bytes / 1e6;
    lines.push(
      `  ${(megabytes / seconds).toFixed(1)} MB/s  ${work}, ${title} (${megabytes.toFixed(1)} MB, ${seconds.toFixed(2)} s)`,
    );
  };
}
