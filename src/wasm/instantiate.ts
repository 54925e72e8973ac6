// WebAssembly from hexadecimal. The compiler's own types for it belong to the DOM library, which is not part of this project.

/** A memory of WebAssembly. */
export interface WasmMemory {
  readonly buffer: ArrayBuffer;
}

interface WebAssemblyApi {
  readonly Memory: new (size: { initial: number; maximum: number }) => WasmMemory;
  readonly Module: new (bytes: Uint8Array<ArrayBuffer>) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: unknown };
}

function api(): WebAssemblyApi {
  return (globalThis as unknown as { WebAssembly: WebAssemblyApi }).WebAssembly;
}

/** A memory of `pages` times 64 KiB for several modules. */
export function sharedMemory(pages: number): WasmMemory {
  return new (api().Memory)({ initial: pages, maximum: pages });
}

/** What the module exports. Throws where WebAssembly or a feature of the module is missing or forbidden. */
export function instantiate(hex: string, memory?: WasmMemory): unknown {
  const { Module, Instance } = api();
  const binary = Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
  return new Instance(new Module(binary), { env: { memory } }).exports;
}
