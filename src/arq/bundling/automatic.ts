// #bundling on Node: sessions bundle unless told otherwise.

import { isFunction } from '../../check.ts';
import { type BundleLimits, type Bundling, bundling } from '../../core/kcp/bundle.ts';

const ADAPTIVE = /* @__PURE__ */ bundling('adaptive');

/** `options` of a session with its default for `bundle`: adaptive, unless it sends parity, which would be as long as the bundles. */
export function withBundle<T extends { readonly bundle?: unknown; readonly fec?: object | undefined }>(options: T): T {
  const { bundle, fec = { encode: undefined } } = options;
  const sendsFec = !('encode' in fec) ? !('decode' in fec) : fec.encode !== undefined;
  return bundle !== undefined || sendsFec ? options : { ...options, bundle: ADAPTIVE };
}

/** What `value` stands for. @throws OptionError */
export function requireBundle(_option: string, value: unknown): Bundling | false {
  if (value === false || isFunction(value)) return value as Bundling | false;
  return value === 'adaptive' ? ADAPTIVE : bundling(value as BundleLimits);
}
