import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { ROW_SOCKADDR } from '../../../../src/link/udp/native/addon.ts';
import { Peers } from '../../../../src/link/udp/native/peers.ts';
import { describeNative } from '../../../support/native.ts';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

const AF_INET = 2;

describeNative('those who talk to a hub', (addon) => {
  /** Whom a row of that port is from. */
  function peerAt(peers: Peers, port: number) {
    addon.rows[ROW_SOCKADDR] = ((((port & 255) << 8) | (port >> 8)) << 16) | AF_INET;
    addon.rows[ROW_SOCKADDR + 1] = 0x0100007f;
    return peers.of(0);
  }

  test('are the same objects each time, and have records', () => {
    const peers = new Peers(addon);
    const peer = peerAt(peers, 4000);
    expect(peer).toEqual({ address: '127.0.0.1', port: 4000 });
    expect(peerAt(peers, 4001)).toEqual({ address: '127.0.0.1', port: 4001 });
    expect(peerAt(peers, 4000)).toBe(peer);
    expect(addon.text(peers.recordOf(peer, 1) as Uint8Array<ArrayBuffer>)).toBe('127.0.0.1');
  });

  test('are known as long as they talk, whoever else does; who is silent among many is met anew, and can be answered as ever', () => {
    const peers = new Peers(addon);
    const [talker, silent] = [peerAt(peers, 1), peerAt(peers, 2)];
    for (let port = 10; port < 10_010; port++) {
      peerAt(peers, port);
      if (port % 1000 === 0) expect(peerAt(peers, 1)).toBe(talker);
    }
    expect(peerAt(peers, 1)).toBe(talker);
    const again = peerAt(peers, 2);
    expect(again).not.toBe(silent);
    expect(again).toEqual(silent);
    for (const one of [silent, again]) expect(peers.recordOf(one, 1)?.[2]).toBe(0);
  });

  test('are forgotten, but for two thousand, however many make themselves heard once', async () => {
    const peers = new Peers(addon);
    const all = Array.from({ length: 20_000 }, (_, i) => new WeakRef(peerAt(peers, 10 + i)));
    await new Promise(setImmediate);
    collectGarbage();
    expect(all.filter((each) => each.deref() !== undefined).length).toBeLessThanOrEqual(2048);
    expect(peerAt(peers, 5)).toEqual({ address: '127.0.0.1', port: 5 });
  });

  test('are remembered for as long as they have a session, and can be told from others', () => {
    const peers = new Peers(addon);
    const guest = peerAt(peers, 1);
    expect(peers.guestOf(0)).toBeUndefined();
    peers.add(guest);
    for (let port = 10; port < 10_010; port++) peerAt(peers, port);
    expect(peerAt(peers, 1)).toBe(guest);
    expect(peers.guestOf(0)).toBe(guest);
    expect(addon.text(peers.recordOf(guest, 1) as Uint8Array<ArrayBuffer>)).toBe('127.0.0.1');
    peers.delete({ address: '127.0.0.1', port: 1 });
    expect(peers.guestOf(0)).toBeUndefined();
    expect(peers.hasGuests).toBe(false);
  });

  test('over IPv6, too', () => {
    const peers = new Peers(addon);
    const record = addon.record('2001:db8::7', 4000) as Uint8Array<ArrayBuffer>;
    const row = new Int32Array(record.buffer, 0, 7);
    addon.rows.set(row, ROW_SOCKADDR);
    const peer = peers.of(0);
    expect(peer).toEqual({ address: '2001:db8::7', port: 4000 });
    peers.add(peer);
    expect(peers.guestOf(0)).toBe(peer);
    expect(peers.recordOf(peer, 1)).toEqual(record);
  });
});
