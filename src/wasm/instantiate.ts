// WebAssembly from hexadecimal. The compiler's own types for it belong to the DOM library, which is not part of this project.

interface WebAssemblyApi {
  readonly Module: new (bytes: Uint8Array<ArrayBuffer>) => object;
  readonly Instance: new (module: object) => { readonly exports: unknown };
}

/** What the module exports. Throws where WebAssembly or a feature of the module is missing or forbidden. */
export function instantiate(hex: string): unknown {
  const { Module, Instance } = (globalThis as unknown as { WebAssembly: WebAssemblyApi }).WebAssembly;
  const binary = Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
  return new Instance(new Module(binary)).exports;
}
