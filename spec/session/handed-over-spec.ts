// What is handed out is the user's: to write to it changes nothing inside.

import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import { firstValueFrom, Subject } from 'rxjs';
import { type Address, connect, listen, MODES, memoryNetwork, type Session, snmp } from 'rxkcp';
import { toDuplex } from 'rxkcp/node';
import { decodeFrames, decodeLines } from 'rxkcp/operators';
import { afterEach, describe, expect, test } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { text, words } from '../support/marbles.ts';
import { describeLinks } from '../support/native.ts';
import { pair } from '../support/sessions.ts';

const undo: (() => void)[] = [];
afterEach(() => {
  for (const each of undo.splice(0)) each();
});

/** Writes to an object as code without types may; one that is frozen stays as it is. */
function scribble(target: object, changes: object): void {
  for (const [name, value] of Object.entries(changes)) Reflect.set(target, name, value);
}

/** Gives `bytes` away. */
function transfer({ buffer }: Uint8Array): void {
  structuredClone(buffer, { transfer: [buffer as ArrayBuffer] });
}

function expectOwn(bytes: Uint8Array): void {
  expect([bytes.byteOffset, bytes.buffer.byteLength]).toEqual([0, bytes.length]);
}

describe('frames and lines', () => {
  const framed = (...frames: string[]): Uint8Array =>
    text(frames.map((frame) => String.fromCharCode(frame.length) + frame).join(''));

  test.each([
    ['a Uint8Array', (bytes: Uint8Array) => bytes],
    ['a Buffer', (bytes: Uint8Array) => Buffer.concat([Buffer.alloc(3), bytes]).subarray(3)],
  ])('a frame is a buffer of its own, and %s it came in is only read within the call', (_, chunkOf) => {
    const chunks = new Subject<Uint8Array>();
    const seen: string[] = [];
    const kept: Uint8Array[] = [];
    chunks.pipe(decodeFrames({ prefixBytes: 1 })).subscribe((frame) => {
      expectOwn(frame);
      seen.push(words(frame));
      kept.push(frame);
      if (seen.length % 2 === 0) transfer(frame);
    });
    const bytes = framed('ab', '', 'cde', 'f', 'gh', 'i');
    for (const [from, to] of [
      [0, 6],
      [6, 7],
      [7, 8],
      [8, 13],
      [13, 15],
    ] as const) {
      const chunk = chunkOf(bytes.slice(from, to));
      chunks.next(chunk);
      chunk.fill(0xff);
    }
    expect(seen).toEqual(['ab', '', 'cde', 'f', 'gh', 'i']);
    expect(kept.map(words)).toEqual(['ab', '', 'cde', '', 'gh', '']);
  });

  test('a chunk that ends within a line may be written to, or given away', () => {
    const chunks = new Subject<Uint8Array>();
    const lines: string[] = [];
    chunks.pipe(decodeLines()).subscribe((line) => lines.push(line));
    for (const [i, word] of ['a\nb', 'c\r\nd', 'e', '\n\nf\ng'].entries()) {
      const chunk = text(word);
      chunks.next(chunk);
      if (i % 2 === 0) transfer(chunk);
      else chunk.fill(0xff);
    }
    chunks.complete();
    expect(lines).toEqual(['a', 'bc', 'de', '', 'f', 'g']);
  });
});

test('an out-of-band payload is a buffer of its own', async () => {
  const [a, b] = pair({ fec: { data: 3, parity: 1 } });
  const payload = firstValueFrom(b.oob$);
  const given = text('hello');
  a.sendOob(given);
  given.fill(0);
  expect(words(await payload)).toBe('hello');
  expectOwn(await payload);
});

test.each([true, false])('chunks of a Duplex are buffers of their own (messages: %s)', async (messages) => {
  const [a, b] = pair({ writeDelay: true });
  for (const word of ['a', 'bc', 'def']) a.next(text(word));
  const chunks: Uint8Array[] = [];
  // (Who calls `read` gets a stream's bytes joined, in memory of Node's.)
  const stream = toDuplex(b, { messages }).on('data', (chunk: Uint8Array) => chunks.push(chunk));
  await eventually(() => expect(chunks.length).toBe(3));
  stream.destroy();
  for (const chunk of chunks) expectOwn(chunk);
  expect(chunks.map(words)).toEqual(['a', 'bc', 'def']);
});

test('what passes through a Duplex is the writer’s again when its write is done', async () => {
  const [a, b] = pair();
  const read = once(toDuplex(b), 'data');
  const through = new PassThrough();
  through.pipe(toDuplex(a));
  const chunk = text('hello');
  await new Promise((done) => toDuplex(a).write(chunk, done));
  chunk.fill(0);
  expect(words((await read)[0] as Uint8Array)).toBe('hello');
});

describe('readings', () => {
  test('statistics and counters are copies', () => {
    const [a] = pair();
    a.next(text('hello'));
    const readings = (): object[] => [a.stats(), a.stats().retransmissions, a.snmp(), snmp()];
    const before = readings().map((reading) => ({ ...reading }));
    for (const reading of readings()) for (const name of Object.keys(reading)) Reflect.set(reading, name, 1e9);
    // (Times go on.)
    const isCount = ([name]: [string, unknown]): boolean => !/rto|srtt|rttvar/.test(name);
    const counts = (reading: object): object => Object.fromEntries(Object.entries(reading).filter(isCount));
    expect(readings().map(counts)).toEqual(before.map(counts));
  });

  test('presets and ends cannot be written to', async () => {
    scribble(MODES, { fast3: MODES.normal });
    scribble(MODES.fast3, { interval: 5000 });
    expect(MODES.fast3).toEqual({ nodelay: true, interval: 10, resend: 2, nc: true });
    const [a] = pair();
    a.close();
    scribble(await firstValueFrom(a.closed$), { reason: 'completed' });
    await expect(firstValueFrom(a.closed$)).resolves.toEqual({ reason: 'closed' });
  });

  test('trace events are told once: to write to one changes no other, and nothing of the session', async () => {
    const [a, b] = pair();
    const kinds: string[] = [];
    const sns: unknown[] = [];
    a.trace$('out-push').subscribe((event) => {
      kinds.push(event.kind);
      sns.push(event.sn);
      scribble(event, { kind: 'none', conv: 9, sn: 77, ts: 0 });
    });
    const messages: string[] = [];
    b.subscribe((message) => messages.push(words(message)));
    for (const word of ['a', 'b', 'c']) await a.send(text(word));
    expect(messages).toEqual(['a', 'b', 'c']);
    expect([...new Set(kinds)]).toEqual(['out-push']);
    expect(new Set(sns)).toEqual(new Set([0, 1, 2]));
  });
});

describe('addresses', () => {
  const elsewhere = { address: '10.9.8.7', port: 9 };

  /** Has a server echo to a client whose addresses, and the server's, are written to as soon as there are any. */
  async function echoes(
    serve: (onListening: (local: Address) => void) => ReturnType<typeof listen>,
    dial: (local: Address) => ReturnType<typeof connect>,
  ): Promise<string[]> {
    const misuse = (session: Session): void => {
      for (const address of [session.remote, session.local]) if (address !== undefined) scribble(address, elsewhere);
    };
    const bound = new Promise<Address>((resolve) => {
      const serving = serve((local) => {
        resolve({ ...local });
        scribble(local, elsewhere);
      }).subscribe((session) => {
        misuse(session);
        session.subscribe((message) => {
          misuse(session);
          session.next(message);
        });
      });
      undo.push(() => serving.unsubscribe());
    });
    const local = await bound;
    const answers: string[] = [];
    for (const name of ['a', 'b']) {
      await new Promise<void>((resolve) => {
        const connection = dial(local).subscribe((session) => {
          misuse(session);
          session.subscribe((message) => {
            misuse(session);
            if (answers.push(words(message)) % 3 === 0) resolve();
            else session.next(text(`${name}${answers.length % 3}`));
          });
          session.next(text(`${name}0`));
        });
        undo.push(() => connection.unsubscribe());
      });
    }
    return answers;
  }

  const echoed = ['a0', 'a1', 'a2', 'b0', 'b1', 'b2'];

  describeLinks(() => {
    test('a session whose addresses are written to still talks to its peer', async () => {
      const host = '127.0.0.1';
      const answers = echoes(
        (onListening) => listen({ host, port: 0, onListening }),
        ({ port }) => connect({ host, port }),
      );
      await expect(answers).resolves.toEqual(echoed);
    });
  });

  test('so it does over a network in memory, and addresses asked for are read within the call', async () => {
    const { hub, link } = memoryNetwork();
    let port = 5;
    const answers = echoes(
      (onListening) => listen({ link: hub, onListening }),
      () => {
        const wanted = { address: '127.0.0.1', port: port++ };
        const made = link(wanted);
        wanted.port = 99;
        scribble(made.remote ?? {}, elsewhere);
        return connect({ link: made });
      },
    );
    await expect(answers).resolves.toEqual(echoed);
  });
});
