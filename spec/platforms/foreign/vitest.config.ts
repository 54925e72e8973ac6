// The specs in processes of another Node: RXKCP_FOREIGN_NODE (spec/platforms/foreign.ts).

import base from '../../../vitest.config.ts';

// What vitest forks is this program. The transforms, whose addon is for this machine, stay in its own process.
process.execPath = process.env.RXKCP_FOREIGN_NODE ?? process.execPath;

export default base;
