// What the kernel exports. AssemblyScript: `npm run build:kernel` compiles it into ../module.ts.

import { makeTables } from './nibbles';

export { multiply1, multiply2, multiply3, multiply4 } from './product';

makeTables();
