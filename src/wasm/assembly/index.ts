// What the kernel exports. AssemblyScript: `npm run build:kernel` compiles it into ../module.ts.

import { makeTables } from './crc32';

export { crc32, stamp, verify } from './crc32';
export { gcmCounters, gcmNonces, gcmOpen, gcmSeal } from './gcm';
export { salsa20 } from './salsa20';
export { sm4Decrypt, sm4Encrypt } from './sm4';
export { desDecrypt, desEncrypt } from './triple-des';
export { feedback, pad, stream } from './xor';

makeTables();
