// What is sent: a file of this machine, read piece by piece.

import { accessSync, constants, createReadStream, statSync } from 'node:fs';

export interface Source {
  readonly path: string;
  /** Length of the file. */
  readonly fileBytes: number;
  /** Bytes to send: the file's first ones, or the file over and over. */
  readonly bytes: number;
}

const MIB = 1024 * 1024;
/** Bytes of the running node that are sent, at most; and at least, where it is a small program with large libraries. */
const MOST = 32 * MIB;
const LEAST = 20 * MIB;

/** The running node: a file of some size that every reader of this has. */
export function nodeItself(): Source {
  const path = process.execPath;
  const fileBytes = statSync(path).size;
  return { path, fileBytes, bytes: Math.min(Math.max(fileBytes, LEAST), MOST) };
}

/** @throws Error when there is no such file, or it cannot be read. */
export function wholeFile(path: string): Source {
  const status = statSync(path);
  if (!status.isFile()) throw new Error('not a file');
  accessSync(path, constants.R_OK);
  return { path, fileBytes: status.size, bytes: status.size };
}

/** The bytes to send, 64 KiB at a time, as fast as they are asked for. */
export async function* read({ path, fileBytes, bytes }: Source): AsyncGenerator<Uint8Array> {
  for (let left = bytes; left > 0; ) {
    const before = left;
    for await (const chunk of createReadStream(path, { end: Math.min(left, fileBytes) - 1 })) {
      left -= chunk.length;
      yield chunk;
    }
    if (before - left < Math.min(before, fileBytes)) throw new Error(`${path} has become shorter meanwhile`);
  }
}
