// What a packet cipher is. The layer above hands it bursts of packets, the layer below bursts of datagrams.

import type { PacketMemory } from '../../bytes/slab.ts';

/** Seals packets into datagrams and opens them again, a burst at a time. */
export interface Cipher {
  /** The cipher's name as kcptun writes it: `aes-128-gcm`, `salsa20`, … */
  readonly name: string;
  /** Bytes by which a datagram is longer than the packet in it. */
  readonly overhead: number;
  /**
   * One datagram for each packet, in order. The packets are not changed; where `overhead` is 0, a datagram may be its packet.
   *
   * @param memory where the cipher may write the datagrams; its owner reuses it later. Until the datagrams are returned, the cipher must not
   * call code that may send. Packets never lie in it from its `offset` on. Datagrams outside this memory belong to the caller and are not
   * modified again.
   */
  seal(packets: readonly Uint8Array[], memory?: PacketMemory): Uint8Array[];
  /**
   * The packets of those datagrams that are intact, in order; the others are left out. The datagrams are not changed.
   *
   * @param memory where the packets are to be written, if the cipher cares to; its owner lends them on, and writes to them again
   * afterwards. Without it, packets stay as they are. Either way packets may be views of the datagrams.
   */
  open(datagrams: readonly Uint8Array[], memory?: PacketMemory): Uint8Array[];
  /**
   * This cipher for one end of conversations, with its own memory: it drops what it has opened before, and what it has sealed itself. A
   * server, or a session of `connect`, asks for one. Only AEADs have it: without authentication nothing is worth remembering.
   *
   * @param isServer whether it has many peers, and is to remember more. Default false.
   */
  forOneEnd?(isServer?: boolean): Cipher;
}
