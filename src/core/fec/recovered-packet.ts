/**
 * A packet that FEC has rebuilt. It is a `Uint8Array` like any other packet; its type alone tells a layer above that the packet
 * itself never arrived, so that its window and its timing are out of date (kcp-go sess.go, kcpInput: IKCP_PACKET_FEC). What
 * `subarray`, `slice`, `map` and `filter` make of it is of that type, too. A copy by `new Uint8Array(packet)` is not, nor are
 * bytes that another function has computed from it.
 */
export class RecoveredPacket extends Uint8Array {
  /** Always true: what other packets do not have. */
  get recovered(): true {
    return true;
  }
}

/** Whether `packet` is a {@link RecoveredPacket}. (`instanceof` costs more than to take in the packet's header.) */
export function isRecovered(packet: Uint8Array): boolean {
  return (packet as Partial<RecoveredPacket>).recovered === true;
}

/** For each packet of the burst that is being passed on, whether it was rebuilt; undefined if none was. */
let passing: readonly boolean[] | undefined;

/**
 * Calls `emit` with a burst. While the call lasts, {@link claimRecovered} knows the rebuilt packets by their places, whatever bytes
 * the layers in between have made of them.
 *
 * @param hasRecovered whether any of `packets` may be a {@link RecoveredPacket}.
 */
export function passOn<T extends readonly Uint8Array[]>(
  packets: T,
  hasRecovered: boolean,
  emit: (packets: T) => void,
): void {
  const outer = passing;
  passing = hasRecovered ? packets.map(isRecovered) : undefined;
  if (passing === outer) {
    emit(packets);
    return;
  }
  try {
    emit(packets);
  } finally {
    passing = outer;
  }
}

/**
 * Which packets of a burst of `count`, received within the call that emits it, were rebuilt. Undefined if none was, or if a layer in
 * between has changed their number. The first caller gets the answer: a second burst within that call is of another conversation.
 */
export function claimRecovered(count: number): readonly boolean[] | undefined {
  if (passing === undefined) return undefined;
  const claimed = passing;
  passing = undefined;
  return claimed.length === count ? claimed : undefined;
}
