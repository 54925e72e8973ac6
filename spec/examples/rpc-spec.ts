// RPC over sessions, each across real UDP sockets and a relay that loses a tenth of the datagrams each way.

import { lastValueFrom, toArray } from 'rxjs';
import { expect, test } from 'vitest';
import { counting } from '../../examples/comlink.ts';
import { greet } from '../../examples/grpc.ts';
import { calculate } from '../../examples/json-rpc.ts';
import { numbers } from '../../examples/observable-service.ts';
import { callCalculator } from '../../examples/trpc.ts';

test('JSON-RPC: requests are answered, notifications arrive, a cancelled request stops at the server', async () => {
  await expect(lastValueFrom(calculate().pipe(toArray()))).resolves.toEqual([
    'sums: 11, 12, 13',
    'ponder: cancelled',
    'divide: Unhandled method divide',
    'notes: remember the milk, stopped pondering',
  ]);
});

test('Comlink: calls are answered in order, and exceptions of the server reject', async () => {
  await expect(lastValueFrom(counting().pipe(toArray()))).resolves.toEqual([
    'counted to 1',
    'then to 2, 4, 7',
    'refused: step must be an integer, got 0.5',
  ]);
});

test('tRPC: typed calls are answered, and errors of procedures and parsers reject', async () => {
  await expect(lastValueFrom(callCalculator().pipe(toArray()))).resolves.toEqual([
    'sums: 11, 12, 13',
    'divide: division by zero',
    'add: two numbers, please',
  ]);
});

test('gRPC: unary and streaming calls are answered, one over its deadline fails and stops at the server', async () => {
  await expect(lastValueFrom(greet().pipe(toArray()))).resolves.toEqual([
    'Hello, bad network!',
    'counted 1, 2, 3, 4, 5',
    'the deadline: DeadlineExceeded',
    'calls left at the server: 0',
  ]);
});

test('a service of Observables: values, completion and errors arrive, unsubscribing cancels at the server', async () => {
  const lines = await lastValueFrom(numbers().pipe(toArray()));
  const of = (word: string): string[] => lines.filter((line) => line.includes(word));
  expect(of('range')).toEqual(['range 1', 'range 2', 'range 3']);
  expect(of('count ')).toEqual(['count 0', 'count 1', 'count 2']);
  expect(of('fail')).toEqual(['fail: as I was told']);
  expect(of('stopped')).toEqual(['the server has stopped counting']);
  expect(lines).toHaveLength(8);
});
