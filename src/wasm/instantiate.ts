// WebAssembly from text. The compiler's own types for it belong to the DOM library, which is not part of this project.

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

/** Characters that stand for a byte each, from `(` to `~`. */
export const CHARACTERS = 87;
/** The character for a zero is `+`. */
export const ZERO = 43;

/** The binary in `text`, as scripts/build-kernel.ts writes it: a character for each byte, and `!` in front for {@link CHARACTERS} more. */
export function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  const bytes: number[] = [];
  let base = -ZERO;
  for (const character of text) {
    if (character === '!') {
      base += CHARACTERS;
    } else {
      bytes.push(base + character.charCodeAt(0));
      base = -ZERO;
    }
  }
  // Modulo 256.
  return Uint8Array.from(bytes);
}

/** What the module in `text` exports. Throws where WebAssembly or a feature of the module is missing or forbidden. */
export function instantiate(text: string, memory?: WasmMemory): unknown {
  const { Module, Instance } = api();
  return new Instance(new Module(bytesOf(text)), { env: { memory } }).exports;
}
