// One transfer between an end of ours and one of kcp-go's, either way round.

import { firstValueFrom } from 'rxjs';
import type { Snmp } from 'rxkcp';
import { expect } from 'vitest';
import type { Cleanup } from './cleanup.ts';
import { type Moved, startGoClient, startGoServer } from './go-peer.ts';
import { dial, startOurServer } from './our-ends.ts';
import { goFlags, ourOptions, type Settings } from './settings.ts';
import { type Load, partnerOf, type Work, workAsClient, workAsServer } from './works.ts';

export interface Conversation extends Settings, Load {
  /** What the client does. */
  readonly work: Work;
  /** Given the server's port, what the client is to dial: that, by default. */
  readonly route?: (serverPort: number, cleanup: Cleanup) => Promise<number>;
}

/** What both ends say they have moved. */
export interface Outcome {
  readonly client: Moved;
  readonly server: Moved;
}

/** And what they have counted by then. */
export interface CountedOutcome extends Outcome {
  /** Of our session. */
  readonly ours: Snmp;
  /** Of the kcp-go peer. */
  readonly theirs: Snmp;
}

/** Our client, kcp-go's server. */
export async function oursToGo(conversation: Conversation, cleanup: Cleanup): Promise<CountedOutcome> {
  const { work, route = direct } = conversation;
  const flags = [...goFlags(conversation), ...loadFlags(conversation), '-work', partnerOf[work]];
  const { peer, port } = await startGoServer(flags, cleanup);
  const session = await dial(await route(port, cleanup), ourOptions(conversation), cleanup);
  const [client, server] = await Promise.all([workAsClient(session, work, conversation), peer.event('done')]);
  return { client, server, ours: session.snmp(), theirs: server.snmp };
}

/** kcp-go's client, our server. */
export async function goToOurs(conversation: Conversation, cleanup: Cleanup): Promise<CountedOutcome> {
  const { work, route = direct } = conversation;
  const ours = await startOurServer(ourOptions(conversation), cleanup);
  const session = firstValueFrom(ours.sessions);
  const serving = session.then((each) => workAsServer(each, partnerOf[work], conversation));
  const flags = [...goFlags(conversation), ...loadFlags(conversation), '-work', work];
  const peer = startGoClient(await route(ours.port, cleanup), flags, cleanup);
  const [server, client] = await Promise.all([serving, peer.event('done')]);
  return { client, server, ours: (await session).snmp(), theirs: client.snmp };
}

/** Everything arrived as it was sent, in every direction that the work has. */
export function expectIntact({ client, server }: Outcome, { work, bytes }: Conversation): void {
  const up = work === 'sink' ? 0 : bytes;
  const down = work === 'source' ? 0 : bytes;
  expect([client.bytesSent, server.bytesReceived]).toEqual([up, up]);
  expect([server.bytesSent, client.bytesReceived]).toEqual([down, down]);
  expect(server.receivedSha256).toBe(client.sentSha256);
  expect(client.receivedSha256).toBe(server.sentSha256);
}

function loadFlags({ bytes, seed }: Load): string[] {
  return ['-bytes', `${bytes}`, '-seed', `${seed}`];
}

async function direct(serverPort: number): Promise<number> {
  return serverPort;
}
