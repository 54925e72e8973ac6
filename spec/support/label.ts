// A packet in words, for failures that a reader can read.

const COMMANDS: Record<number, string> = { 81: 'PUSH', 82: 'ACK', 83: 'WASK', 84: 'WINS' };

/** Each segment of a KCP packet as `PUSH sn=3 frg=0 una=2 wnd=128 ts=17 len=5`. */
export function label(packet: Uint8Array): string {
  const view = new DataView(packet.buffer, packet.byteOffset, packet.length);
  const segments: string[] = [];
  for (let offset = 0; offset + 24 <= packet.length; ) {
    const u32 = (at: number): number => view.getUint32(offset + at, true);
    const cmd = view.getUint8(offset + 4);
    const length = u32(20);
    const wnd = view.getUint16(offset + 6, true);
    const numbers = `sn=${u32(12)} frg=${view.getUint8(offset + 5)} una=${u32(16)} wnd=${wnd} ts=${u32(8)} len=${length}`;
    segments.push(`${COMMANDS[cmd] ?? `cmd ${cmd}`} ${numbers}`);
    offset += 24 + length;
  }
  return segments.join(', ');
}
