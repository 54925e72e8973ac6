// Tables of multiplication in GF(2^8) modulo x^8 + x^4 + x^3 + x^2 + 1: c·b is c·(low nibble of b) + c·(high nibble of b).

import { MASK, NIBBLES } from './layout';

export function makeTables(): void {
  v128.store(MASK, i8x16.splat(0x0f));
  for (let c: u32 = 0; c < 256; c++) {
    let product = c;
    for (let bit: u32 = 0; bit < 8; bit++) {
      // `product` is c·2^bit; what has this bit as its highest is that plus what has it not.
      const table = NIBBLES + (c << 5) + ((bit & 4) << 2);
      const first: u32 = 1 << (bit & 3);
      for (let n: u32 = 0; n < first; n++) store<u8>(table + first + n, load<u8>(table + n) ^ product);
      product = (product << 1) ^ (product & 0x80 ? 0x11d : 0);
    }
  }
}
