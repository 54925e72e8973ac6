// What every cipher of the kernel needs, and Salsa20. AssemblyScript: `npm run build:kernel` compiles it into ../module.ts, and xor.ts,
// sm4.ts, triple-des.ts and gcm.ts into modules of their own, over the same memory.

import { makeTables } from './crc32';

export { crc32, stamp, verify } from './crc32';
export { salsa20 } from './salsa20';

makeTables();
