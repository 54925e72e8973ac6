// Modules that a cipher needs in addition to the kernel. Each brings its own, so that a bundle has no others.

import { instantiate } from './instantiate.ts';
import type { Kernel } from './kernel.ts';

const extensions = /* @__PURE__ */ new Map<string, unknown>();

/** What `module` exports, which works on the memory of the kernel. Made once. */
export function extension<T>({ memory }: Kernel, module: string): T {
  if (!extensions.has(module)) extensions.set(module, instantiate(module, memory));
  return extensions.get(module) as T;
}
