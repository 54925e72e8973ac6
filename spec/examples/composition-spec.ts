// Each example does what it says, and then nothing is left of it.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  catchError,
  concat,
  EMPTY,
  ignoreElements,
  lastValueFrom,
  type Observable,
  of,
  switchMap,
  take,
  toArray,
} from 'rxjs';
import { connect, snmp } from 'rxkcp';
import { afterEach, expect, test, vi } from 'vitest';
import { chatServer, evening, member } from '../../examples/chat.ts';
import { echo } from '../../examples/echo.ts';
import { transfer } from '../../examples/file-transfer.ts';
import { follow } from '../../examples/from-websocket.ts';
import { report } from '../../examples/game.ts';
import { raceTwoLinks } from '../../examples/race.ts';
import { countThroughOutages } from '../../examples/reconnect.ts';
import { countAcrossServers } from '../../examples/resume.ts';
import { fleet } from '../../examples/telemetry.ts';
import { eventually } from '../support/eventually.ts';
import { text } from '../support/marbles.ts';
import { bytes, seeded } from '../support/random.ts';

const linesOf = (example: Observable<string>): Promise<string[]> => lastValueFrom(example.pipe(toArray()));

afterEach(async () => {
  // Sessions are closed as soon as nobody is subscribed to them.
  await eventually(() => expect(snmp().CurrEstab).toBe(0));
});

test('echo: what is said comes back', async () => {
  await expect(linesOf(echo(['one', 'two']))).resolves.toEqual(['one', 'two']);
});

test('chat: who comes late sees what was said before, once, and then what all others of the room see', async () => {
  const all = await linesOf(evening());
  const seenBy = (name: string): string[] => all.filter((line) => line.startsWith(`${name} `));
  expect(seenBy('Dave')).toEqual([
    'Dave sees "welcome to garden"',
    'Dave sees "Dave is here"',
    'Dave sees "Dave: Is anybody out here?"',
  ]);
  const [welcome, ...lines] = seenBy('Carol');
  expect(welcome).toBe('Carol sees "welcome to kitchen"');
  expect(lines.slice(0, 2).sort()).toEqual(['Carol sees "Alice is here"', 'Carol sees "Bob is here"']);
  expect(lines.slice(2)).toEqual([
    'Carol sees "Alice: Hello Bob!"',
    'Carol sees "Bob: Hi Alice."',
    'Carol sees "Carol is here"',
    'Carol sees "Carol: What did I miss?"',
  ]);
});

test('chat: a line that is too large for the others closes the session of its sender, and the room goes on', async () => {
  const log = vi.spyOn(console, 'error').mockImplementation(() => {});
  const lines = chatServer().pipe(
    switchMap((port) => {
      const shouted = connect({ port, mtu: 1472, mode: 'fast2', sendWindow: 512 }).pipe(
        switchMap((session) => {
          session.next(text('kitchen'));
          session.next(new Uint8Array(session.messageMax));
          return session;
        }),
        ignoreElements(),
        catchError(() => EMPTY),
      );
      return member(port, 'kitchen', 'Alice', concat(shouted, of('Anybody hurt?')));
    }),
    take(3),
  );
  await expect(linesOf(lines)).resolves.toEqual(['welcome to kitchen', 'Alice is here', 'Alice: Anybody hurt?']);
  expect(log).toHaveBeenCalledTimes(1);
  log.mockRestore();
});

test('reconnect: nothing is missed or seen twice, however often the network goes away', async () => {
  const numbers = Array.from({ length: 20 }, (_, i) => `${i + 1}`);
  await expect(linesOf(countThroughOutages())).resolves.toEqual(numbers);
});

test('resume: each number once, across outages and from one server to the next', async () => {
  const numbers = Array.from({ length: 20 }, (_, i) => `${i + 1}`);
  await expect(linesOf(countAcrossServers())).resolves.toEqual(numbers);
});

test('race: the faster of two links is kept, and the slower one is closed', async () => {
  await expect(linesOf(raceTwoLinks())).resolves.toEqual(['"so it is you" came over the fast one']);
});

test('file transfer: a file arrives whole, with progress', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'rxkcp-spec-'));
  try {
    const path = join(directory, 'file.bin');
    writeFileSync(path, bytes(seeded(1), 500_000));
    const lines = await linesOf(transfer(path));
    expect(lines.slice(0, -1)).toEqual(expect.arrayContaining(['50 % of file.bin', '100 % of file.bin']));
    expect(lines.at(-1)).toMatch(/^has arrived, SHA-256 [0-9a-f]{64}$/);
  } finally {
    rmSync(directory, { recursive: true });
  }
});

test('telemetry: one Observable tells of all sessions', async () => {
  const lines = await linesOf(fleet());
  expect(lines.at(-1)).toMatch(/^8 sessions, round trips up to \d+ ms, \d+\.\d % sent again, \d{4,} bytes received$/);
});

test('game: every event of every player is timed', async () => {
  const [line = ''] = await linesOf(report({ players: 2, loss: 0.05, seconds: 1 }));
  const [, events = ''] =
    line.match(/^2 players, 5 % .* one way: (\d+) events, p50 \d+ ms, p99 \d+ ms, longest \d+ ms$/) ?? [];
  expect(Number(events)).toBeGreaterThan(8);
});

test('migration: what was written for webSocket() gets its values, and only those it follows', async () => {
  const lines = await linesOf(follow());
  expect(lines.filter((line) => line.startsWith('KCP'))).toEqual(['KCP 3', 'KCP 4', 'KCP 5']);
  expect(lines.filter((line) => line.startsWith('UDP'))).toEqual(['UDP 3', 'UDP 4', 'UDP 5']);
});
