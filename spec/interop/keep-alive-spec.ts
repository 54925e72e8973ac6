// keepAlive holds the mapping of a NAT open, and no KCP peer minds it.

import { setTimeout as sleep } from 'node:timers/promises';
import { firstValueFrom } from 'rxjs';
import { expect, test } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { wins } from '../support/marbles.ts';
import { cCore, newNativeKcp } from './support/c-endpoint.ts';
import { kcpGo } from './support/go-build.ts';
import { startGoServer } from './support/go-peer.ts';
import { openNat } from './support/nat.ts';
import { dial, startOurServer } from './support/our-ends.ts';
import { Pattern } from './support/pattern.ts';
import { describeWith } from './support/peer-presence.ts';
import { goFlags, ourOptions, type Settings } from './support/settings.ts';

const settings: Settings = { mode: 'fast3', window: 128, mtu: 1400 };
/** ms after which the NAT forgets, between two datagrams of the client, and without anything to send. */
const [NAT, PERIOD, IDLE] = [600, 100, 2000];

for (const keepAlive of [PERIOD, 0]) {
  test.concurrent(`a server reaches its client behind a NAT after a pause only with keepAlive: ${keepAlive} ms`, async ({
    onTestFinished,
  }) => {
    const server = await startOurServer(ourOptions(settings), onTestFinished);
    const nat = await openNat(server.port, NAT, onTestFinished);
    const client = await dial(nat.port, { ...ourOptions(settings), keepAlive }, onTestFinished);
    let received = 0;
    client.subscribe(({ length }) => {
      received += length;
    });
    client.next(new Uint8Array(64));
    const session = await firstValueFrom(server.sessions);
    await eventually(() => expect(client.stats().inFlight).toBe(0));
    await sleep(IDLE);
    session.next(new Uint8Array(64));
    if (keepAlive > 0) await eventually(() => expect(received).toBe(64));
    else await sleep(300);
    expect(received).toBe(keepAlive > 0 ? 64 : 0);
    expect(nat.forgotten()).toBe(keepAlive > 0 ? 0 : 1);
  });
}

describeWith(kcpGo, 'kcp-go', () => {
  test.concurrent('keeps an idle session of ours behind a NAT, and counts no error', async ({ onTestFinished }) => {
    const bytes = 100_000;
    const { peer, port } = await startGoServer(
      ['-work', 'sink', '-bytes', `${bytes}`, ...goFlags(settings)],
      onTestFinished,
    );
    const nat = await openNat(port, NAT, onTestFinished);
    const session = await dial(nat.port, { ...ourOptions(settings), keepAlive: PERIOD }, onTestFinished);
    session.subscribe({});
    const pattern = new Pattern(1);
    session.next(pattern.take(bytes / 2));
    await eventually(() => expect(session.stats()).toMatchObject({ inFlight: 0, queued: 0 }));
    const { OutPkts } = session.snmp();
    await sleep(IDLE);
    expect(session.snmp().OutPkts - OutPkts).toBeGreaterThanOrEqual(10);
    session.next(pattern.take(bytes / 2));
    expect(await peer.event('done')).toMatchObject({
      bytesReceived: bytes,
      snmp: { InErrs: 0, InCsumErrors: 0, KCPInErrors: 0 },
    });
    expect(nat.forgotten()).toBe(0);
  });
});

describeWith(cCore, 'the C core', () => {
  test('takes a repeated window report, and answers nothing', () => {
    const kcp = newNativeKcp(1);
    kcp.nodelay(1, 10, 2, 1);
    const sent: Buffer[] = [];
    kcp.output((packet) => sent.push(Buffer.from(packet)));
    kcp.update(0);
    const report = wins(128);
    report[5] = 16;
    for (let i = 1; i <= 20; i++) {
      expect(kcp.input(Buffer.from(report))).toBe(0);
      kcp.update(i * 100);
    }
    expect(sent).toEqual([]);
  });
});
