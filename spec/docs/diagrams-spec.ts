// The marble diagrams in the doc comments of the operators, run. A column of a diagram is a moment, and what takes several columns
// happens at the first of them.

import { readdirSync, readFileSync } from 'node:fs';
import { Observable, type OperatorFunction, type SchedulerLike } from 'rxjs';
import { aesGcm, type Burst } from 'rxkcp';
import * as operators from 'rxkcp/operators';
import { VirtualScheduler } from 'rxkcp/testing';
import { describe, expect, test } from 'vitest';
import { FecEncoder } from '../../src/core/fec/encoder.ts';
import { ROOT } from '../support/code-blocks.ts';
import { push, text, words } from '../support/marbles.ts';

/** Something at a column: `[a b]`, `(a b)`, `"a"`, `a`, `|` or `#`. */
type Mark = readonly [column: number, what: string];

interface Line {
  readonly label: string;
  readonly marks: readonly Mark[];
  /** What is said behind it. */
  readonly legend: string;
}

const MARK = /\[[^\]]*\]|\([^)]*\)|\{[^}]*\}|"[^"]*"|[|#]|[^-\s>…|#]+/y;

/** The marble lines of the diagram in the doc comment of `operators/<file>.ts`; undefined if it has none. */
function diagramOf(file: string): Line[] | undefined {
  const comment = readFileSync(`${ROOT}operators/${file}.ts`, 'utf8');
  const block = / \* ```\n(.*?) \* ```\n/s.exec(comment)?.[1];
  const drawn = block?.split('\n').map((line) => line.slice(3));
  const first = drawn?.find((line) => line.includes('--'))?.indexOf('--') ?? 0;
  return drawn?.filter((line) => line[first] === '-').map((line) => lineOf(line, first));
}

function lineOf(line: string, first: number): Line {
  const marks: Mark[] = [];
  let at = first;
  while (at < line.length && !/[\s>…]/.test(line[at] as string)) {
    if (line[at] === '-') {
      at++;
      continue;
    }
    MARK.lastIndex = at;
    const [what] = MARK.exec(line) as RegExpExecArray;
    marks.push([at - first, what]);
    at += what.length;
  }
  return { label: line.slice(0, first).trim(), marks, legend: line.slice(at).replace(/^[\s>…]+/, '') };
}

interface Diagram {
  readonly operator: (scheduler: SchedulerLike, tell: (what: string) => void) => OperatorFunction<never, unknown>;
  /** What the source emits at a mark. */
  readonly input: (mark: string) => unknown;
  /** The mark of what is emitted at one moment. */
  readonly output: (values: never[]) => string;
  /** ms of a column. Default 1. */
  readonly column?: number;
  /** Columns of what is emitted and not drawn, up to `…`. */
  readonly until?: number;
  /** Which two lines. Default: the first and the second. */
  readonly lines?: readonly [number, number];
  readonly legend?: string;
}

/** What the operator makes of the line that is its source. */
function run({ operator, input, output, column = 1, until }: Diagram, source: Line): { marks: Mark[]; told: Mark[] } {
  const scheduler = new VirtualScheduler();
  const now = (): number => scheduler.now() / column;
  const told: Mark[] = [];
  const emitted = new Map<number, unknown[]>();
  const ends: Mark[] = [];
  const drawn = new Observable<never>((subscriber) => {
    for (const [at, what] of source.marks) {
      const values = what.startsWith('(') && what.includes('|') ? [what.slice(1, -2), '|'] : [what];
      for (const value of values) {
        scheduler.schedule(() => {
          if (value === '|') subscriber.complete();
          else subscriber.next(input(value) as never);
        }, at * column);
      }
    }
  });
  drawn.pipe(operator(scheduler, (what) => told.push([now(), what]))).subscribe({
    next: (value) => emitted.set(now(), [...(emitted.get(now()) ?? []), structuredClone(value)]),
    error: () => ends.push([now(), '#']),
    complete: () => ends.push([now(), '|']),
  });
  scheduler.run((until ?? 1000) * column);
  const marks: Mark[] = Array.from(emitted, ([at, values]) => [at, output(values as never[])]);
  for (const [at, end] of ends) {
    const last = marks.findIndex((mark) => mark[0] === at);
    if (last < 0) marks.push([at, end]);
    else marks[last] = [at, `(${(marks[last] as Mark)[1]}${end})`];
  }
  return { marks, told };
}

const namesIn = (mark: string): string[] => mark.replace(/[[\]()]/g, '').split(' ');
const escaped = (bytes: Uint8Array): string => words(bytes).replaceAll('\n', '\\n');
const unescaped = (mark: string): string => namesIn(mark).join(' ').replaceAll('\\n', '\n');
/** Several in parentheses. */
const grouped = (names: string[]): string => (names.length === 1 ? (names[0] as string) : `(${names.join(' ')})`);
const bursts = (nameOf: (packet: Uint8Array) => string) => (values: Burst[]) =>
  values.map((burst) => `[${burst.map(nameOf).join(' ')}]`).join('');
/** Bytes in the notation of frames: lengths as numbers. */
const frameBytes = (mark: string): Uint8Array =>
  Uint8Array.from(
    namesIn(mark).flatMap((name) => (/^\d$/.test(name) ? [Number(name)] : [...name].map((c) => c.charCodeAt(0)))),
  );

const cipher = aesGcm(new Uint8Array(16));
const shape = { data: 3, parity: 1 };
const letter = (packet: Uint8Array): string => words(packet.subarray(-1));
const sealed = new Map('abcde'.split('').map((name) => [name.toUpperCase(), cipher.seal([text(name)])[0]]));

/** Datagrams of FEC by name, of groups that have a past. */
function protectedByName(): { before: Uint8Array[]; byName: Map<string, Uint8Array> } {
  const encoder = new FecEncoder(shape);
  const encode = (names: string): Uint8Array[] => {
    const datagrams: Uint8Array[] = [];
    for (const name of names) encoder.encode(push(0, name), 0, datagrams);
    return datagrams;
  };
  const before = encode('xyz'.repeat(20));
  const after = encode('abcdef');
  return { before, byName: new Map([...'ABCPDEF'].map((name, i) => [name, after[i] as Uint8Array])) };
}

const DIAGRAMS: Readonly<Record<string, readonly Diagram[]>> = {
  arq: [
    {
      operator: (scheduler) => operators.arq({ conv: 1, scheduler }).receive as never,
      input: (mark) => namesIn(mark).map((sn) => push(Number(sn), 'abc'[Number(sn)] as string)),
      output: (values) => (values.length === 1 ? words(values[0] as never) : `(${values.map(words).join('')})`),
    },
    {
      lines: [2, 3],
      operator: (scheduler) => operators.arq({ conv: 1, scheduler }).transmit as never,
      input: text,
      output: bursts(letter),
      column: 40,
      until: 37,
      legend: 'never acknowledged: after 1 RTO, 2 more, 3 more',
    },
  ],
  'decode-frames': [
    {
      operator: () => operators.decodeFrames({ prefixBytes: 1 }) as never,
      input: frameBytes,
      output: (values) => grouped(values.map(words)),
    },
  ],
  'decode-mux-frames': [
    {
      operator: () => operators.decodeMuxFrames() as never,
      input: (mark) => Uint8Array.from(Buffer.from(namesIn(mark).join(''), 'hex')),
      output: (frames: { kind: string; id: number }[]) => frames.map(({ kind, id }) => `(${kind} ${id})`).join(''),
    },
  ],
  'encode-mux-frames': [
    {
      operator: () => operators.encodeMuxFrames() as never,
      input: (mark) => ({ kind: namesIn(mark)[0], id: Number(namesIn(mark)[1]) }),
      output: (chunks: Uint8Array[]) =>
        chunks
          .map(
            (chunk) =>
              `[${Buffer.from(chunk)
                .toString('hex')
                .replace(/^(..)(..)(....)/, '$1 $2 $3 ')}]`,
          )
          .join(''),
    },
  ],
  'decode-json': [
    {
      operator: () => operators.decodeJson() as never,
      input: (mark) => text(unescaped(mark)),
      output: (values) => grouped(values.map((value) => JSON.stringify(value).replace(/"(\w+)":/g, '$1:'))),
    },
  ],
  'decode-lines': [
    {
      operator: () => operators.decodeLines() as never,
      input: (mark) => text(unescaped(mark)),
      output: (values) => grouped(values),
    },
  ],
  decrypt: [
    {
      operator: (_, tell) => operators.decrypt(cipher, { dropped: (count) => tell(String(count)) }) as never,
      input: (mark) => namesIn(mark).map((name) => sealed.get(name) ?? new Uint8Array(40)),
      output: bursts(words),
    },
  ],
  'encode-frames': [
    {
      operator: () => operators.encodeFrames({ prefixBytes: 1 }) as never,
      input: text,
      output: (chunks: Uint8Array[]) => chunks.map((chunk) => `(${chunk[0]} ${words(chunk.subarray(1))})`).join(''),
    },
  ],
  'encode-json': [
    {
      operator: () => operators.encodeJson() as never,
      input: (mark) => JSON.parse(mark.replace(/(\w+):/g, '"$1":')),
      output: (chunks) => chunks.map((chunk) => `[${escaped(chunk)}]`).join(''),
    },
  ],
  'encode-lines': [
    {
      operator: () => operators.encodeLines() as never,
      input: (mark) => mark.slice(1, -1),
      output: (chunks) => chunks.map((chunk) => `[${escaped(chunk)}]`).join(''),
    },
  ],
  encrypt: [
    {
      operator: () => operators.encrypt(cipher) as never,
      input: (mark) => namesIn(mark).map(text),
      output: bursts((datagram) => words(cipher.open([datagram])[0] as Uint8Array).toUpperCase()),
    },
  ],
  'fec-decode': [
    {
      operator: () => (source) =>
        new Observable((subscriber) => {
          const { before } = protectedByName();
          const past = new Observable<Burst>((past) => {
            for (const datagram of before) past.next([datagram]);
            return (source as Observable<Burst>).subscribe(past);
          });
          let skipped = 0;
          return past.pipe(operators.fecDecode()).subscribe({
            next: (burst) => {
              if (++skipped > 60) subscriber.next(burst);
            },
            complete: () => subscriber.complete(),
          });
        }),
      input: (mark) => namesIn(mark).map((name) => protectedByName().byName.get(name)),
      output: bursts(letter),
      legend: 'C is lost; earlier groups have proven the shape',
    },
  ],
  'fec-encode': [
    {
      operator: (scheduler) => operators.fecEncode(shape, { scheduler }) as never,
      input: (mark) => namesIn(mark).map((name) => push(0, name)),
      output: bursts((datagram) => (datagram[4] === 0xf2 ? 'P' : letter(datagram).toUpperCase())),
    },
  ],
  'rate-limit': [
    {
      operator: (scheduler) => operators.rateLimit(1000, { burst: 2000, scheduler }) as never,
      input: (mark) => namesIn(mark).map((name) => new Uint8Array(1000).fill(name.charCodeAt(0))),
      output: (values: Burst[]) =>
        values.map((burst) => (burst.length === 1 ? letter(burst[0] as never) : bursts(letter)([burst]))).join(''),
      column: 125,
    },
  ],
};

describe.each(Object.entries(DIAGRAMS))('the diagram of operators/%s.ts', (file, diagrams) => {
  test.each(diagrams)('shows what happens ($#)', (diagram) => {
    const lines = diagramOf(file) ?? expect.fail('there is no diagram');
    const [source, result] = (diagram.lines ?? [0, 1]).map((i) => lines[i] ?? expect.fail(`no line ${i}`)) as [
      Line,
      Line,
    ];
    expect(run(diagram, source).marks).toEqual(result.marks);
    expect(result.marks.length).toBeGreaterThan(1);
    if (diagram.legend !== undefined) expect([source.legend, result.legend]).toContain(diagram.legend);
  });
});

test('the diagram of decrypt shows when `dropped` is called', () => {
  const comment = readFileSync(`${ROOT}operators/decrypt.ts`, 'utf8');
  const drawn = /^ \* dropped .*$/m.exec(comment)?.[0] ?? expect.fail('there is no such line');
  const first = /^ \* packets +/m.exec(comment)?.[0].length ?? 0;
  const marks = Array.from(drawn.matchAll(/\d/g), ({ 0: what, index }): Mark => [index - first, what]);
  const [source] = diagramOf('decrypt') as [Line];
  expect(run(DIAGRAMS.decrypt?.[0] as Diagram, source).told).toEqual(marks);
});

/** Diagrams of sessions, or with more than two lines at a time: what they show is in the specs of their operators. */
const NOT_RUN = [
  'broadcast',
  'converse',
  'group-peers',
  'multiplex',
  'reconnecting',
  'request',
  'send-to',
  'serve',
  'share-session',
];

test('every diagram is run, all of its lines', () => {
  const files = readdirSync(`${ROOT}operators`).map((name) => name.replace(/\.ts$/, ''));
  for (const file of files) {
    if (NOT_RUN.includes(file)) continue;
    const lines = diagramOf(file)?.length ?? 0;
    expect([file, 2 * (DIAGRAMS[file]?.length ?? 0)]).toEqual([file, lines]);
  }
});
