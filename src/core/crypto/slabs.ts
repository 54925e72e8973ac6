// Memory of datagrams that a cipher has made: one pair for the process. Sealed ones live until they are sent, opened ones perhaps for long: not
// in the same slab.

import { Slab } from '../../bytes/slab.ts';

export const sealed = /* @__PURE__ */ new Slab();
export const opened = /* @__PURE__ */ new Slab();
