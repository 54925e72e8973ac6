// tRPC across a bad network: npm run example examples/trpc.ts

import { createTRPCClient, TRPCClientError, type TRPCLink } from '@trpc/client';
import {
  type AnyTRPCRouter,
  callTRPCProcedure,
  getTRPCErrorFromUnknown,
  getTRPCErrorShape,
  initTRPC,
  TRPCError,
  type TRPCErrorShape,
} from '@trpc/server';
import { observable } from '@trpc/server/observable';
import { mergeMap, type Observable } from 'rxjs';
import type { Session } from 'rxkcp';
import { jsonCodec } from 'rxkcp/adapters';
import { request, sendTo } from 'rxkcp/operators';
import { acrossBadNetwork } from './support/bad-network.ts';
import { runAsProgram } from './support/program.ts';
import { said } from './support/said.ts';

interface Call {
  readonly id: number;
  readonly type: 'query' | 'mutation';
  readonly path: string;
  readonly input: unknown;
}

type Answer = { readonly id: number } & ({ readonly data: unknown } | { readonly error: TRPCErrorShape });

const { procedure, router } = initTRPC.create();

/** A parser; a schema library makes one, too. */
function twoNumbers(value: unknown): readonly [number, number] {
  if (Array.isArray(value) && value.length === 2 && value.every(Number.isFinite)) return [value[0], value[1]];
  throw new TypeError('two numbers, please');
}

export const calculator = router({
  add: procedure.input(twoNumbers).query(({ input: [a, b] }) => a + b),
  divide: procedure.input(twoNumbers).query(({ input: [a, b] }) => {
    if (b === 0) throw new TRPCError({ code: 'BAD_REQUEST', message: 'division by zero' });
    return a / b;
  }),
});

/** Answers the calls of a session. A message that is no call ends the session. */
export function serveRouter(session: Session): Observable<unknown> {
  return session.pipe(
    mergeMap(async (message) => jsonCodec.encode(await answer(jsonCodec.decode(message) as Call))),
    sendTo(session),
  );
}

async function answer({ id, type, path, input }: Call): Promise<Answer> {
  const ctx = {};
  try {
    const getRawInput = async (): Promise<unknown> => input;
    const call = { router: calculator, path, type, ctx, getRawInput, signal: undefined, batchIndex: 0 };
    return { id, data: await callTRPCProcedure(call) };
  } catch (cause) {
    const error = getTRPCErrorFromUnknown(cause);
    return { id, error: getTRPCErrorShape({ config: calculator._def._config, error, type, path, input, ctx }) };
  }
}

/** The last link of a tRPC client: sends calls over a session. */
export function sessionLink<R extends AnyTRPCRouter>(session: Session): TRPCLink<R> {
  const ask = request<Call, Answer>(session, {
    id: ({ id }) => id,
    encode: (call) => jsonCodec.encode(call),
    decode: (message) => jsonCodec.decode(message) as Answer,
    answerTo: ({ id }) => id,
  });
  return () =>
    ({ op: { id, type, path, input } }) =>
      observable((observer) => {
        if (type === 'subscription') throw new Error('this link has no subscriptions');
        const asking = ask({ id, type, path, input }).subscribe({
          next: (answered) => {
            if ('error' in answered) observer.error(TRPCClientError.from({ error: answered.error }));
            else observer.next({ result: { type: 'data', data: answered.data } });
          },
          error: (error) => observer.error(TRPCClientError.from(error)),
          complete: () => observer.complete(),
        });
        return () => asking.unsubscribe();
      });
}

/** A client; the types of inputs and results come from the router. */
async function useCalculator(session: Session, say: (line: string) => void): Promise<void> {
  const client = createTRPCClient<typeof calculator>({ links: [sessionLink(session)] });
  const sums = await Promise.all([1, 2, 3].map((a) => client.add.query([a, 10])));
  say(`sums: ${sums.join(', ')}`);
  await client.divide.query([1, 0]).catch((error: Error) => say(`divide: ${error.message}`));
  await client.add.query(['x'] as never).catch((error: Error) => say(`add: ${error.message}`));
}

export function callCalculator(): Observable<string> {
  return acrossBadNetwork({ mode: 'fast3' }, serveRouter, (session) => said((say) => useCalculator(session, say)));
}

runAsProgram(import.meta.url, callCalculator());
