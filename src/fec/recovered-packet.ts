/**
 * A packet that FEC has rebuilt. It is a `Uint8Array` like any other packet; its type alone tells a layer above that the packet
 * itself never arrived, so that its window and its timing are out of date (kcp-go sess.go, kcpInput: IKCP_PACKET_FEC).
 */
export class RecoveredPacket extends Uint8Array {
  /** Parts of it are plain bytes. */
  static get [Symbol.species](): Uint8ArrayConstructor {
    return Uint8Array;
  }
}
