// A file with its progress, across a bad network: npm run example examples/file-transfer.ts [file]

import { createHash } from 'node:crypto';
import { createReadStream, rmSync } from 'node:fs';
import { mkdtemp, open, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  defer,
  distinctUntilChanged,
  finalize,
  from,
  map,
  merge,
  type Observable,
  Subject,
  share,
  switchMap,
  takeUntil,
} from 'rxjs';
import type { Session } from 'rxkcp';
import { acrossBadNetwork } from './support/bad-network.ts';
import { runAsProgram } from './support/program.ts';
import { decode, encode } from './support/text.ts';

interface Header {
  readonly name: string;
  readonly bytes: number;
}

/** Sends a file: first what it is, then its content, at the pace of the window. Resolves with its SHA-256 when the receiver has told the same. */
export async function sendFile(session: Session, path: string): Promise<string> {
  const { size } = await stat(path);
  await session.send(encode(JSON.stringify({ name: basename(path), bytes: size } satisfies Header)));
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path) as AsyncIterable<Uint8Array>) {
    hash.update(chunk);
    await session.send(chunk);
  }
  const sent = hash.digest('hex');
  for await (const message of session) {
    if (decode(message) === sent) return sent;
    throw new Error('what has arrived is not what was sent');
  }
  throw new Error('the receiver left without a word');
}

/** Receives a file into `directory`, at the pace of the disk; tells the share that is there, 0 … 1. Resolves with its SHA-256. */
export async function receiveFile(
  session: Session,
  directory: string,
  progress: (share: number) => void,
): Promise<string> {
  const messages = session[Symbol.asyncIterator]();
  const first = await messages.next();
  if (first.done) throw new Error('the sender left without a word');
  const { name, bytes } = JSON.parse(decode(first.value)) as Header;
  // The name is a stranger's: nothing of it but its last part.
  const file = await open(join(directory, basename(name)), 'wx');
  const hash = createHash('sha256');
  try {
    for (let received = 0; received < bytes; ) {
      const { value, done } = await messages.next();
      if (done) throw new Error(`the sender left after ${received} of ${bytes} bytes`);
      hash.update(value);
      await file.writeFile(value);
      received += value.length;
      progress(received / bytes);
    }
  } finally {
    await file.close();
  }
  const received = hash.digest('hex');
  await session.send(encode(received));
  return received;
}

/** Lines of progress, and the hash at the end. The file is sent to a directory that is removed again. */
export function transfer(path: string): Observable<string> {
  return defer(() => mkdtemp(join(tmpdir(), 'rxkcp-'))).pipe(
    switchMap((directory) => {
      const progress = new Subject<number>();
      const receive = (session: Session): Promise<string> =>
        receiveFile(session, directory, (share) => progress.next(share));
      return acrossBadNetwork({ mode: 'fast3', sendWindow: 512, receiveWindow: 512 }, receive, (session) => {
        const sent = from(sendFile(session, path)).pipe(share());
        const tenths = progress.pipe(
          map((share) => `${Math.floor(share * 10) * 10} % of ${basename(path)}`),
          distinctUntilChanged(),
          takeUntil(sent),
        );
        return merge(tenths, sent.pipe(map((hash) => `has arrived, SHA-256 ${hash}`)));
      }).pipe(finalize(() => rmSync(directory, { recursive: true })));
    }),
  );
}

runAsProgram(
  import.meta.url,
  transfer(process.argv[2] ?? fileURLToPath(new URL('../package-lock.json', import.meta.url))),
);
