// Acks that wait for the next flush (kcp-go kcp.go, ack_push; flush phase 1).

import type { PacketWriter } from './packet-writer.ts';
import { ACK } from './segment.ts';
import { serialDiff } from './serial.ts';

export class PendingAcks {
  /** sn and ts of the last one that was written: window commands of the same flush carry them, for want of their own. 0 if there was none. */
  lastSn = 0;
  lastTs = 0;
  /** sn and ts in turn. */
  readonly #acks: number[] = [];

  get length(): number {
    return this.#acks.length / 2;
  }

  /** Segment `sn` came, which was sent at `ts` of the peer's clock. */
  add(sn: number, ts: number): void {
    this.#acks.push(sn, ts);
  }

  /** Writes them all but those below `nxt`, which una acknowledges; the last in any case, for its timestamp. */
  write(writer: PacketWriter, nxt: number): void {
    const acks = this.#acks;
    this.lastSn = this.lastTs = 0;
    for (let i = 0; i < acks.length; i += 2) {
      const sn = acks[i] as number;
      if (i + 2 < acks.length && serialDiff(sn, nxt) < 0) continue;
      this.lastSn = sn;
      this.lastTs = acks[i + 1] as number;
      writer.writeControl(ACK, sn, this.lastTs);
    }
    acks.length = 0;
  }
}
