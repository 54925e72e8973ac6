// npm run build:kernel: compiles the kernels in src/wasm from AssemblyScript into their module.ts. The result is committed, so
// that nobody who does not change a kernel needs the compiler; spec/wasm holds the two together.

import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import compiler from 'assemblyscript/asc';

/** A folder with `assembly`, and what `module.ts` beside it exports. */
export interface KernelBuild {
  readonly folder: string;
  /** Of the memory, whose size is fixed. */
  readonly pages: number;
  readonly modules: readonly {
    /** The file in `assembly` that exports what the module does. */
    readonly entry: string;
    readonly constant: string;
    readonly comment: string;
    readonly flags: readonly string[];
  }[];
}

/** For the ciphers: src/wasm. */
export const CIPHER_KERNEL: KernelBuild = {
  folder: 'src/wasm',
  pages: 6,
  // One memory for all, and a module for each cipher that not every page wants to have.
  modules: [
    {
      entry: 'index.ts',
      constant: 'KERNEL_MODULE',
      comment: 'CRC-32 and Salsa20 as WebAssembly, in hexadecimal.',
      flags: ['--importMemory'],
    },
    { entry: 'xor.ts', constant: 'XOR_MODULE', comment: 'XOR of bursts.', flags: ['--importMemory'] },
    { entry: 'sm4.ts', constant: 'SM4_MODULE', comment: 'SM4.', flags: ['--importMemory'] },
    { entry: 'triple-des.ts', constant: 'DES_MODULE', comment: 'Triple DES.', flags: ['--importMemory'] },
    { entry: 'gcm.ts', constant: 'GCM_MODULE', comment: 'AES-GCM, but for AES.', flags: ['--importMemory'] },
  ],
};

/** For the Reed-Solomon code: src/wasm/fec. */
export const FEC_KERNEL: KernelBuild = {
  folder: 'src/wasm/fec',
  pages: 7,
  modules: [
    {
      entry: 'index.ts',
      constant: 'FEC_MODULE_RELAXED',
      comment: 'The kernel as WebAssembly with relaxed SIMD, in hexadecimal; kernel.ts makes that without.',
      flags: ['--enable', 'relaxed-simd'],
    },
  ],
};

const root = fileURLToPath(new URL('..', import.meta.url));

/** The source of the kernel's module.ts, compiled afresh. */
export async function compileKernel({ folder, pages, modules }: KernelBuild): Promise<string> {
  const lines = ['// Generated from ./assembly by `npm run build:kernel`. Do not edit.'];
  for (const { entry, constant, comment, flags } of modules) {
    // Not base64: that hides from gzip what repeats, and is a third longer when compressed.
    const hex = Buffer.from(await compile(`${folder}/assembly/${entry}`, pages, flags)).toString('hex');
    const parts = hex.match(/.{1,110}/g) ?? [];
    lines.push(
      '',
      `/** ${comment} */`,
      `export const ${constant} =\n  ${parts.map((part) => `'${part}'`).join(' +\n  ')};`,
    );
  }
  return `${lines.join('\n')}\n`;
}

async function compile(entry: string, pages: number, flags: readonly string[]): Promise<string | Uint8Array> {
  let binary: string | Uint8Array = '';
  const { error, stderr } = await compiler.main(
    [
      entry,
      ...['--baseDir', root],
      ...['--outFile', 'kernel.wasm'],
      ...['--runtime', 'stub', '--enable', 'simd', '--noAssert'],
      ...['--initialMemory', `${pages}`, '--maximumMemory', `${pages}`],
      ...['--optimizeLevel', '3', '--shrinkLevel', '0', '--converge'],
      ...flags,
    ],
    {
      writeFile: (_name, contents) => {
        binary = contents;
      },
    },
  );
  if (error) throw new Error(`${error.message}\n${stderr}`);
  return binary;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const kernel of [CIPHER_KERNEL, FEC_KERNEL]) {
    writeFileSync(`${root}${kernel.folder}/module.ts`, await compileKernel(kernel));
  }
}
