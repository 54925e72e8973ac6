// gRPC across a bad network, on HTTP/2 of Node: npm run example examples/grpc.ts
//
// HTTP/2 takes any stream for a connection, and a session is one. It has streams, flow control and a goodbye (GOAWAY) of its own.

import { createServer, type Http2Server } from 'node:http2';
import { setTimeout as sleep } from 'node:timers/promises';
import { Code, ConnectError, type ConnectRouter, createClient } from '@connectrpc/connect';
import { connectNodeAdapter, createGrpcTransport } from '@connectrpc/connect-node';
import { Observable } from 'rxjs';
import type { Session } from 'rxkcp';
import { toDuplex } from 'rxkcp/node';
import { frameByFrame } from './grpc/frames.ts';
import { Greeter } from './grpc/service.ts';
import { acrossBadNetwork } from './support/bad-network.ts';
import { runAsProgram } from './support/program.ts';

/** The service: an ordinary one of Connect. `counting` is told how many calls of `count` are under way. */
export function greeter(counting: (calls: number) => void): (router: ConnectRouter) => void {
  let calls = 0;
  return (router) =>
    router.service(Greeter, {
      greet: ({ value }) => ({ value: `Hello, ${value}!` }),
      async *count({ value }, { signal }) {
        counting(++calls);
        try {
          for (let i = 1; i <= value; i++) {
            yield { value: i };
            await sleep(20, undefined, { signal });
          }
        } finally {
          counting(--calls);
        }
      },
    });
}

/** A server without a port: its connections are sessions, `server.emit('connection', toDuplex(session))`. */
export function grpcServer(routes: (router: ConnectRouter) => void): Http2Server {
  return createServer(connectNodeAdapter({ routes }));
}

/** The client: unary, server streaming, a deadline. */
export async function useGreeter(session: Session, say: (line: string) => void): Promise<void> {
  const transport = createGrpcTransport({
    // Of the URL only the name is used: the connection is the session.
    baseUrl: 'http://greeter',
    nodeOptions: { createConnection: () => frameByFrame(toDuplex(session)) },
  });
  const client = createClient(Greeter, transport);
  say((await client.greet({ value: 'bad network' })).value);
  const counted: number[] = [];
  for await (const { value } of client.count({ value: 5 })) counted.push(value);
  say(`counted ${counted.join(', ')}`);
  try {
    for await (const { value } of client.count({ value: 1000 }, { timeoutMs: 300 })) counted.push(value);
  } catch (error) {
    say(`the deadline: ${Code[ConnectError.from(error).code]}`);
  }
}

export function greet(): Observable<string> {
  return new Observable((subscriber) => {
    let calls = 0;
    const routes = greeter((now) => {
      calls = now;
    });
    const server = grpcServer(routes);
    const serve = (session: Session): void => void server.emit('connection', toDuplex(session));
    return acrossBadNetwork({ mode: 'fast3', stream: true }, serve, (session) => {
      return new Observable<string>((lines) => {
        useGreeter(session, (line) => lines.next(line))
          // A cancelled call is told to the server, which stops.
          .then(async () => {
            for (let waited = 0; calls > 0 && waited < 5000; waited += 50) await sleep(50);
            lines.next(`calls left at the server: ${calls}`);
            lines.complete();
          })
          .catch((error) => lines.error(error));
      });
    }).subscribe(subscriber);
  });
}

runAsProgram(import.meta.url, greet());
