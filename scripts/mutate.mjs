// Tests the specs: changes one thing at a time in the sources, and lists the changes that no spec notices.
//
//   node scripts/mutate.mjs --count 150 --seed 1 --workers 2
//   node scripts/mutate.mjs --files 'send-buffer|rtt' --count 40
//   node scripts/mutate.mjs --only 'src/core/kcp/rtt.ts:88:21 >= becomes >'     one again, whatever was found before
//   node scripts/mutate.mjs --list --files linger                         what could be changed
//
//   --count N     how many mutants, drawn by --seed from all that there are. Default 60.
//   --seed N      the same seed draws the same mutants in the same order: a larger count goes on where a smaller one ended. Default 1.
//   --files RE    only sources whose path matches. Default: all that a group below covers.
//   --workers N   at a time, each in its own copy. Default 2.
//   --out FILE    where results are kept. Default: in the scratch folder. A mutant found there is not run again while its source is
//                 the same and it was killed, so a run that was stopped goes on, and survivors meet the specs written since.
//   --keep        survivors are not run again either.
//
// It works in copies of the repository in the folder for temporary files; the working tree is not touched. A mutant is killed when a
// spec of its group fails or when the specs take ten times as long as usual. Types are not checked. Groups name sources and specs by
// the end of their paths: folders may be renamed. A survivor is a question, not a fault: some mutants change nothing that anyone can see.

import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import ts from 'typescript';

/**
 * Which specs watch which sources. The first group that matches is the one; its specs run in this order, the quick ones first, in one
 * process. Paths of specs are relative to spec/.
 */
const GROUPS = [
  {
    name: 'shared line',
    sources: /\/testing\/(bottleneck|tcp)\/[^/]+\.ts$/,
    specs: [/(^|\/)testing\/(bottleneck|codel|tcp-flow)-spec\.ts$/],
  },
  {
    name: 'rebinding',
    sources: /\/(rebindable-link|dgram-link|dgram-attachment|session\/rebinding\/automatic)\.ts$/,
    specs: [/(^|\/)link\/udp\/(rebindable-link|rebind|taken-away|udp)-spec\.ts$/],
  },
  {
    name: 'mux',
    sources: /\/mux\/[^/]+\.ts$/,
    specs: [/(^|\/)mux\/[^/]+-spec\.ts$/, /(^|\/)property\/mux-spec\.ts$/],
  },
  {
    name: 'strangers',
    sources: /\/(stranger-gate|native\/peers|cookies)\.ts$/,
    specs: [/(^|\/)link\/udp\/(stranger-gate|native\/peers)-spec\.ts$/, /(^|\/)server\/(flood|validation)-spec\.ts$/],
  },
  {
    name: 'resume',
    sources: /\/resume\/[^/]+\.ts$/,
    specs: [/(^|\/)resume\/[^/]+-spec\.ts$/, /(^|\/)property\/resume-spec\.ts$/],
  },
  {
    name: 'server',
    sources: /\/(opening|listen|server|early-packets|recent-conversations|conversation)\.ts$/,
    specs: [/(^|\/)(opening|early-packets|fec-listen|listen|regression|hostile)-spec\.ts$/],
    // Seven seconds.
    without: /^ten thousand idle sessions/,
  },
  {
    name: 'driver',
    sources:
      /\/(driver|linger|arq\/congestion|window-waiters|event-queue|trace-kinds|outcome|demand|timer-queue|arq\/stats)\.ts$/,
    specs: [
      /(^|\/)marbles\/[^/]+-spec\.ts$/,
      /(^|\/)(arq|trace|held-up|regression|parts|timer-queue|misuse|egress|session|alive|endings|send-to)-spec\.ts$/,
      /(^|\/)(sends-in-order|lent)-spec\.ts$/,
    ],
  },
  {
    name: 'session',
    sources: /\/(session|egress|pipeline|sealed|out-of-band|message-iterator)\.ts$/,
    specs: [
      /(^|\/)(egress|trace|misuse|parts|regression|fec-listen|fec-session|sealed|session|faces|endings|oob-repeat)-spec\.ts$/,
    ],
  },
  {
    name: 'fec',
    sources: /\/fec\/(decoder|encoder|received-groups?|recovered-packet|shape-tuner|shape-evidence|shape|header)\.ts$/,
    specs: [
      /(^|\/)(marbles\/fec|fec-(session|listen|encode|decode))-spec\.ts$/,
      /(^|\/)fec\/(encoder|shape-tuner|misfit|conversation|decoder)-spec\.ts$/,
      /(^|\/)lent-spec\.ts$/,
    ],
  },
  {
    name: 'code of FEC',
    sources: /\/fec\/[^/]+\.ts$/,
    specs: [/(^|\/)fec\/(gf256|matrix|reed-solomon|decoder)-spec\.ts$/],
  },
  {
    name: 'control block',
    sources: /\/kcp\/[^/]+\.ts$/,
    specs: [
      /(^|\/)marbles\/[^/]+-spec\.ts$/,
      /(^|\/)kcp\/[^/]+-spec\.ts$/,
      /(^|\/)(held-up|regression|parts|trace|arq|alive)-spec\.ts$/,
      /(^|\/)property\/(twin|hostile|operations)-spec\.ts$/,
      /(^|\/)lent-spec\.ts$/,
    ],
  },
];
/** Never, whatever the group: they need sockets, browsers or peers, or take minutes. */
const NOT_RUN = /(^|\/)(interop|browser|matrix|docs|link|examples)\//;

const root = fileURLToPath(new URL('..', import.meta.url));
const scratch = join(tmpdir(), `rxkcp-mutate-${createHash('sha256').update(root).digest('hex').slice(0, 8)}`);

// What can be changed.

/** Operators, and what each becomes. */
const OPERATORS = new Map([
  ['<', ['<=', '>=']],
  ['<=', ['<', '>']],
  ['>', ['>=', '<=']],
  ['>=', ['>', '<']],
  ['===', ['!==']],
  ['!==', ['===']],
  ['+', ['-']],
  ['-', ['+']],
  ['*', ['/']],
  ['+=', ['-=']],
  ['-=', ['+=']],
  ['&&', ['||']],
  ['||', ['&&']],
]);

const is = (node, ...kinds) => kinds.some((kind) => node.kind === ts.SyntaxKind[kind]);

function isTypeOnly(node) {
  return (
    ts.isTypeNode(node) ||
    is(
      node,
      'InterfaceDeclaration',
      'TypeAliasDeclaration',
      'ImportDeclaration',
      'ExportDeclaration',
      'TypeParameter',
    ) ||
    (ts.canHaveModifiers(node) && ts.getModifiers(node)?.some((one) => is(one, 'DeclareKeyword')))
  );
}

/** Whether a change would only concern the words of an error, or is promised to have no effect. */
function isSaidOnly(node, text) {
  if (ts.isNewExpression(node) && /Error$/.test(node.expression.getText())) return true;
  return text.slice(node.pos, node.getStart()).includes('@__PURE__');
}

function isLeave(statement) {
  const inner = ts.isBlock(statement) && statement.statements.length === 1 ? statement.statements[0] : statement;
  return is(inner, 'ReturnStatement', 'ContinueStatement', 'BreakStatement', 'ThrowStatement');
}

/** The places of `file` where something can be changed: each with its changes, of which one is drawn. */
function placesOf(file, text) {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const places = [];
  const place = (node, ...changes) => {
    const start = node.getStart();
    const { line, character } = source.getLineAndCharacterOfPosition(start);
    const where = `${file}:${line + 1}:${character + 1}`;
    const end = node.getEnd();
    const before = text.slice(start, end);
    places.push(
      changes.map(({ what, after }) => ({
        id: `${where} ${what}`,
        file,
        line: line + 1,
        start,
        end,
        before,
        after,
        source: text.split('\n')[line].trim(),
      })),
    );
  };
  const short = (node) => node.getText().replace(/\s+/g, ' ').slice(0, 60);
  const decide = (condition, ...values) =>
    place(condition, ...values.map((after) => ({ what: `condition becomes ${after}`, after })));
  const visit = (node) => {
    if (isTypeOnly(node) || isSaidOnly(node, text)) return;
    if (ts.isBinaryExpression(node)) {
      const operator = node.operatorToken.getText();
      const isText = [node.left, node.right].some((one) => /^['"`]/.test(one.getText()));
      if (!(isText && operator.startsWith('+'))) {
        const changes = (OPERATORS.get(operator) ?? []).map((after) => ({
          what: `${operator} becomes ${after}`,
          after,
        }));
        if (changes.length > 0) place(node.operatorToken, ...changes);
      }
      // `| 0` is how an int32 is written, not a number.
      if (operator === '|' && node.right.getText() === '0') {
        visit(node.left);
        return;
      }
    } else if (is(node, 'TrueKeyword', 'FalseKeyword')) {
      const after = is(node, 'TrueKeyword') ? 'false' : 'true';
      place(node, { what: `becomes ${after}`, after });
    } else if (ts.isPrefixUnaryExpression(node) && node.operator === ts.SyntaxKind.ExclamationToken) {
      place(node, { what: '! removed', after: node.operand.getText() });
    } else if (ts.isNumericLiteral(node)) {
      const value = Number(node.text);
      const changes = [value + 1, value - 1].map((one) => ({ what: `becomes ${one}`, after: `(${one})` }));
      place(node, ...changes);
    } else if (ts.isPropertyAccessExpression(node) && /^Math\.(min|max)$/.test(node.getText())) {
      const after = node.name.text === 'min' ? 'max' : 'min';
      place(node.name, { what: `becomes ${after}`, after });
    } else if (ts.isExpressionStatement(node) && !/^super\b/.test(node.getText())) {
      place(node, { what: `removed: ${short(node)}`, after: ';' });
    } else if (ts.isIfStatement(node)) {
      if (node.elseStatement === undefined && isLeave(node.thenStatement)) {
        place(node, { what: `removed: ${short(node)}`, after: ';' });
      }
      decide(node.expression, 'true', 'false');
    } else if (ts.isConditionalExpression(node)) {
      decide(node.condition, 'true', 'false');
    } else if (ts.isWhileStatement(node)) {
      // Not `true`: that hangs, and so is noticed.
      decide(node.expression, 'false');
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return places;
}

/** A generator of numbers in [0, 1), as in spec/support/random.ts. */
function seeded(seed) {
  let state = seed | 0;
  return () => {
    state = (state + 0x9e3779b9) | 0;
    let mixed = state ^ (state >>> 16);
    mixed = Math.imul(mixed, 0x21f0aaad);
    mixed ^= mixed >>> 15;
    mixed = Math.imul(mixed, 0x735a2d97);
    return ((mixed ^ (mixed >>> 15)) >>> 0) / 2 ** 32;
  };
}

/** `count` places, and one change of each. */
function draw(places, count, seed) {
  const random = seeded(seed);
  const drawn = places.map((changes) => ({ at: random(), change: changes[Math.floor(random() * changes.length)] }));
  return drawn
    .sort((a, b) => a.at - b.at)
    .slice(0, count)
    .map(({ change }) => change);
}

// Where it is tried.

const slashed = (path) => path.split(sep).join('/');

function filesUnder(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => slashed(relative(root, join(entry.parentPath ?? entry.path, entry.name))));
}

/** Assembly, and what is generated from it, has its own vectors and twins. */
const groupOf = (file) =>
  /\/kernel\//.test(file) ? undefined : GROUPS.find(({ sources }) => sources.test(`/${file}`));

function specsOf({ specs }, all) {
  const chosen = specs.flatMap((pattern) => {
    const files = all.filter((file) => pattern.test(file.slice('spec/'.length)));
    if (files.length === 0) throw new Error(`no spec matches ${pattern} any more: see GROUPS`);
    return files;
  });
  return [...new Set(chosen)].filter((file) => !NOT_RUN.test(file));
}

const CONFIG = `// Written by scripts/mutate.mjs: one process, no isolation, files in the order of the command line.
import { BaseSequencer } from 'vitest/node';
import config from './vitest.config.ts';

class AsGiven extends BaseSequencer {
  async sort(files) {
    const order = JSON.parse(process.env.MUTATE_SPECS);
    const place = ({ moduleId }) => order.findIndex((file) => moduleId.endsWith('/' + file));
    return [...files].sort((a, b) => place(a) - place(b));
  }
}

export default {
  ...config,
  cacheDir: './.vite-cache',
  test: {
    ...config.test,
    typecheck: { enabled: false },
    isolate: false,
    maxWorkers: 1,
    bail: 1,
    testTimeout: 20_000,
    sequence: { sequencer: AsGiven },
  },
};
`;

/** A copy of the repository, in which worker `number` works. */
function copyOfRepository(number) {
  const copy = join(scratch, `${number}`);
  rmSync(copy, { recursive: true, force: true });
  mkdirSync(copy, { recursive: true });
  const wanted = (path) => !/(^|\/)(node_modules|dist|peers)(\/|$)/.test(slashed(relative(root, path)));
  for (const name of ['src', 'operators', 'spec', 'native', 'package.json', 'tsconfig.json', 'vitest.config.ts']) {
    cpSync(join(root, name), join(copy, name), { recursive: true, filter: wanted });
  }
  symlinkSync(realpathSync(join(root, 'node_modules')), join(copy, 'node_modules'));
  writeFileSync(join(copy, 'vitest.mutate.config.ts'), CONFIG);
  return copy;
}

const children = new Set();

/** Runs the specs of a group in `copy`. Resolves to what came of it, and which test failed first. */
function run(copy, group, specs, limit) {
  const report = join(copy, 'report.json');
  rmSync(report, { force: true });
  const command = ['node_modules/vitest/vitest.mjs', 'run', '--config', 'vitest.mutate.config.ts'];
  command.push('--reporter=json', `--outputFile=${report}`, ...specs);
  if (group.without !== undefined) command.push('-t', `^(?!.*${group.without.source.replace('^', '')})`);
  const began = Date.now();
  return new Promise((settle) => {
    const env = { ...process.env, MUTATE_SPECS: JSON.stringify(specs), RXKCP_RUNS: '100' };
    // Its own process group: vitest has children, and what hangs must go with them.
    const child = spawn(process.execPath, command, {
      cwd: copy,
      env,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    children.add(child);
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (output += text));
    let hangs = false;
    const timer = setTimeout(() => {
      hangs = true;
      kill(child);
    }, limit);
    child.on('close', (code) => {
      clearTimeout(timer);
      children.delete(child);
      const seconds = (Date.now() - began) / 1000;
      if (hangs) settle({ status: 'killed', by: 'time', seconds });
      else if (code === 0) settle({ status: 'survived', by: '', seconds });
      else settle({ status: 'killed', by: firstFailure(report), seconds, output });
    });
  });
}

function kill(child) {
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    // It has ended meanwhile.
  }
}

function firstFailure(report) {
  if (!existsSync(report)) return 'a crash';
  for (const { name, assertionResults } of JSON.parse(readFileSync(report, 'utf8')).testResults) {
    const failed = assertionResults.find(({ status }) => status === 'failed');
    if (failed !== undefined) return `${basename(name)}: ${failed.fullName}`;
  }
  return 'a file that does not load';
}

// What it does.

const { values: given } = parseArgs({
  options: {
    count: { type: 'string', default: '60' },
    seed: { type: 'string', default: '1' },
    files: { type: 'string', default: '' },
    only: { type: 'string' },
    workers: { type: 'string', default: '2' },
    out: { type: 'string', default: join(scratch, 'results.json') },
    keep: { type: 'boolean', default: false },
    list: { type: 'boolean', default: false },
  },
});

const pattern = new RegExp(given.files);
const sources = filesUnder(join(root, 'src'))
  .filter((file) => file.endsWith('.ts') && pattern.test(file) && groupOf(file) !== undefined)
  .sort();
const places = sources.flatMap((file) => placesOf(file, readFileSync(join(root, file), 'utf8')));
const mutants =
  given.only === undefined
    ? draw(places, given.list ? places.length : Number(given.count), Number(given.seed))
    : places.flat().filter(({ id }) => id.startsWith(given.only));

if (given.list) {
  for (const { id } of places.flat()) console.log(id);
  console.log(`${places.length} places in ${sources.length} files`);
  process.exit();
}

const out = resolve(given.out);
const results = existsSync(out) ? JSON.parse(readFileSync(out, 'utf8')) : {};
const hashes = new Map(
  sources.map((file) => [
    file,
    createHash('sha256')
      .update(readFileSync(join(root, file)))
      .digest('hex')
      .slice(0, 12),
  ]),
);
const isKnown = ({ id, file }) => {
  const known = results[id];
  if (given.only !== undefined || known?.hash !== hashes.get(file)) return false;
  return known.status === 'killed' || given.keep;
};

process.on('exit', () => children.forEach(kill));
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(130));

const allSpecs = filesUnder(join(root, 'spec')).sort();
const todo = mutants.filter((mutant) => !isKnown(mutant));
console.log(`${places.length} places in ${sources.length} files; ${mutants.length} mutants, ${todo.length} to run`);

const copies = Array.from({ length: Math.min(Number(given.workers), todo.length) }, (_, i) => copyOfRepository(i));
/** ms that the specs of each group may take. */
const limits = new Map();
for (const group of new Set(todo.map(({ file }) => groupOf(file)))) {
  const specs = specsOf(group, allSpecs);
  const { status, by, seconds, output } = await run(copies[0], group, specs, 600_000);
  console.log(`unchanged, ${group.name}: ${specs.length} spec files, ${seconds.toFixed(1)} s`);
  if (status !== 'survived') {
    console.error(`specs fail without any mutation: ${by}\n${output ?? ''}`);
    process.exit(1);
  }
  limits.set(group, Math.max(30_000, seconds * 10_000));
}

const queue = [...todo];
let done = 0;
await Promise.all(
  copies.map(async (copy) => {
    for (let mutant = queue.shift(); mutant !== undefined; mutant = queue.shift()) {
      const { id, file, line, start, end, before, after, source } = mutant;
      const group = groupOf(file);
      const target = join(copy, file);
      const text = readFileSync(target, 'utf8');
      writeFileSync(target, text.slice(0, start) + after + text.slice(end));
      const { status, by, seconds } = await run(copy, group, specsOf(group, allSpecs), limits.get(group));
      writeFileSync(target, text);
      results[id] = { status, by, seconds, file, line, before, after, source, hash: hashes.get(file) };
      mkdirSync(dirname(out), { recursive: true });
      writeFileSync(out, `${JSON.stringify(results, null, 1)}\n`);
      console.log(
        `${++done}/${todo.length} ${status.padEnd(8)} ${seconds.toFixed(1).padStart(5)} s  ${id}${by && `   (${by})`}`,
      );
    }
  }),
);

const judged = mutants.map(({ id }) => ({ id, ...results[id] }));
const survivors = judged.filter(({ status }) => status === 'survived');
console.log(`\n${'file'.padEnd(34)} killed  survived`);
for (const file of [...new Set(judged.map((one) => one.file))].sort()) {
  const own = judged.filter((one) => one.file === file);
  const alive = own.filter(({ status }) => status === 'survived').length;
  console.log(`${file.padEnd(34)} ${`${own.length - alive}`.padStart(6)}  ${`${alive || ''}`.padStart(8)}`);
}
const late = judged.filter(({ by }) => by === 'time').length;
console.log(`\n${judged.length - survivors.length} of ${judged.length} killed, ${late} of them by time. Survivors:`);
console.log(
  JSON.stringify(
    survivors.map(({ id, file, line, before, after, source }) => ({ id, file, line, before, after, source })),
    null,
    1,
  ),
);
console.log(`all results: ${out}`);
