// npm run build:kernel: compiles src/kernel/assembly into src/kernel/module.ts. The result is committed, so that nobody who
// does not change the kernel needs the compiler; spec/kernel/kernel-spec.ts holds the two together.

import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import compiler from 'assemblyscript/asc';

const root = fileURLToPath(new URL('..', import.meta.url));
const PAGES = 6;

/** The source of src/kernel/module.ts, compiled afresh. */
export async function compileKernel(): Promise<string> {
  let binary: string | Uint8Array = '';
  const { error, stderr } = await compiler.main(
    [
      'src/kernel/assembly/index.ts',
      ...['--baseDir', root],
      ...['--outFile', 'kernel.wasm'],
      ...['--runtime', 'stub', '--enable', 'simd', '--noAssert'],
      ...['--initialMemory', `${PAGES}`, '--maximumMemory', `${PAGES}`],
      ...['--optimizeLevel', '3', '--shrinkLevel', '0', '--converge'],
    ],
    {
      writeFile: (_name, contents) => {
        binary = contents;
      },
    },
  );
  if (error) throw new Error(`${error.message}\n${stderr}`);
  const base64 = Buffer.from(binary).toString('base64');
  const lines = base64.match(/.{1,110}/g) ?? [];
  return [
    '// Generated from ./assembly by `npm run build:kernel`. Do not edit.',
    '',
    '/** The kernel as WebAssembly, in base64. */',
    `export const KERNEL_MODULE =\n  ${lines.map((line) => `'${line}'`).join(' +\n  ')};`,
    '',
  ].join('\n');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(`${root}src/kernel/module.ts`, await compileKernel());
}
