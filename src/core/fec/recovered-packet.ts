/**
 * A packet that FEC has rebuilt. It is a `Uint8Array` like any other packet; its type alone tells a layer above that the packet
 * itself never arrived, so that its window and its timing are out of date (kcp-go sess.go, kcpInput: IKCP_PACKET_FEC).
 */
export class RecoveredPacket extends Uint8Array {
  /** Parts of it are plain bytes. */
  static get [Symbol.species](): Uint8ArrayConstructor {
    return Uint8Array;
  }

  /** Always true: what other packets do not have. */
  get recovered(): true {
    return true;
  }
}

/** Whether `packet` is a {@link RecoveredPacket}. (`instanceof` costs more than to take in the packet's header.) */
export function isRecovered(packet: Uint8Array): boolean {
  return (packet as Partial<RecoveredPacket>).recovered === true;
}
