// npm run build:kernel: compiles the kernels in src/wasm from AssemblyScript into module.ts. The result is committed, so
// that only a change of a kernel needs the compiler; spec/wasm holds the two together.

import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import compiler from 'assemblyscript/asc';
import { CHARACTERS, ZERO } from '../src/wasm/instantiate.ts';

/** A module that `module.ts` has. */
interface KernelModule {
  /** The file that exports what the module does. */
  readonly entry: string;
  readonly constant: string;
  readonly comment: string;
  /** Of the memory, whose size is fixed. */
  readonly pages: number;
  readonly flags: readonly string[];
}

/** For the ciphers: one memory for all, and a module for each cipher that not every page wants to have. */
const CIPHERS = { pages: 6, flags: ['--importMemory'] };

/** For the Reed-Solomon code. */
export const FEC_MODULE: KernelModule = {
  entry: 'fec/assembly/index.ts',
  constant: 'FEC_MODULE_RELAXED',
  comment: 'The Reed-Solomon code with relaxed SIMD; fec/kernel.ts makes the module without.',
  pages: 7,
  flags: ['--enable', 'relaxed-simd'],
};

// In one file, so that they lie side by side in a bundle, too: gzip has one code for what is near to each other.
const MODULES: readonly KernelModule[] = [
  { entry: 'assembly/index.ts', constant: 'KERNEL_MODULE', comment: 'CRC-32 and Salsa20.', ...CIPHERS },
  { entry: 'assembly/xor.ts', constant: 'XOR_MODULE', comment: 'XOR of bursts.', ...CIPHERS },
  { entry: 'assembly/sm4.ts', constant: 'SM4_MODULE', comment: 'SM4.', ...CIPHERS },
  { entry: 'assembly/triple-des.ts', constant: 'DES_MODULE', comment: 'Triple DES.', ...CIPHERS },
  { entry: 'assembly/gcm.ts', constant: 'GCM_MODULE', comment: 'AES-GCM, but for AES.', ...CIPHERS },
  FEC_MODULE,
];

/** The byte that the first character stands for: fd begins each instruction of SIMD. */
const FIRST = 0xfd - 0x100;

const root = fileURLToPath(new URL('..', import.meta.url));

/** The source of src/wasm/module.ts, compiled afresh. */
export async function compileKernels(): Promise<string> {
  const lines = [
    '// Generated from ./assembly and ./fec/assembly by `npm run build:kernel`. Do not edit. WebAssembly, in the characters that',
    '// `bytesOf` of instantiate.ts reads.',
  ];
  for (const module of MODULES) {
    const parts = textOf(await compile(module)).match(/.{1,110}/g) ?? [];
    const literals = parts.map((part) => `'${part.replaceAll('\\', '\\\\')}'`);
    lines.push('', `/** ${module.comment} */`, `export const ${module.constant} =\n  ${literals.join(' +\n  ')};`);
  }
  return `${lines.join('\n')}\n`;
}

/**
 * The text that `bytesOf` reads. Neither base64, which hides from gzip what repeats, nor hexadecimal: where most bytes are one
 * character, both the text and what gzip makes of it are shorter.
 */
function textOf(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) {
    const place = (byte - FIRST) & 0xff;
    text += '!'.repeat(Math.floor(place / CHARACTERS)) + String.fromCharCode(FIRST + ZERO + (place % CHARACTERS));
  }
  return text;
}

/** The binary, compiled afresh. */
export async function compile({ entry, pages, flags }: KernelModule): Promise<Uint8Array> {
  let binary: string | Uint8Array = '';
  const { error, stderr } = await compiler.main(
    [
      `src/wasm/${entry}`,
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
  return typeof binary === 'string' ? Buffer.from(binary) : binary;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(`${root}src/wasm/module.ts`, await compileKernels());
}
