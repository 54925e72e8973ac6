// Frames as objects: for operators, tools and specs. A session works on bytes.

import { requireInteger } from '../../check.ts';
import { OptionError } from '../../errors.ts';
import { MuxTruncatedError } from './errors.ts';
import {
  FIN,
  HEADER,
  type MuxFrame,
  type MuxVersion,
  NOP,
  PAYLOAD_MAX,
  PSH,
  SYN,
  UPDATE_LENGTH,
  writeHeader,
  writeUpdate,
} from './frame.ts';
import { FrameReader } from './frame-reader.ts';

const CONTROL = { syn: SYN, fin: FIN, nop: NOP } as const;
const KINDS: Readonly<Record<number, 'syn' | 'fin' | 'nop'>> = { [SYN]: 'syn', [FIN]: 'fin', [NOP]: 'nop' };
const ID_MAX = 0xffff_ffff;

/** @throws OptionError */
export function requireMuxVersion(option: string, value: unknown): MuxVersion {
  if (value === 1 || value === 2) return value;
  throw new OptionError(option, value, '1 or 2');
}

/** The bytes of one frame, in their own buffer. @throws OptionError if a field is out of range; `error.option` names it. */
export function encodeMuxFrame(frame: MuxFrame, version: MuxVersion): Uint8Array {
  requireInteger('frame.id', frame.id, 0, ID_MAX);
  if (frame.kind === 'psh') {
    const { data } = frame;
    if (!(data instanceof Uint8Array)) throw new OptionError('frame.data', data, 'a Uint8Array');
    requireInteger('frame.data.length', data.length, 0, PAYLOAD_MAX);
    const bytes = new Uint8Array(HEADER + data.length);
    writeHeader(bytes, version, PSH, data.length, frame.id);
    bytes.set(data, HEADER);
    return bytes;
  }
  if (frame.kind === 'upd') {
    if (version === 1)
      throw new OptionError('frame.kind', frame.kind, 'a kind that version 1 has: syn, fin, psh or nop');
    requireInteger('frame.consumed', frame.consumed, 0, ID_MAX);
    requireInteger('frame.window', frame.window, 0, ID_MAX);
    const bytes = new Uint8Array(HEADER + UPDATE_LENGTH);
    writeUpdate(bytes, version, frame.id, frame.consumed, frame.window);
    return bytes;
  }
  if (!Object.hasOwn(CONTROL, frame.kind)) throw new OptionError('frame.kind', frame.kind, 'syn, fin, psh, nop or upd');
  const bytes = new Uint8Array(HEADER);
  writeHeader(bytes, version, CONTROL[frame.kind], 0, frame.id);
  return bytes;
}

/** Decodes chunks to frames. Each payload has its own buffer; chunks are lent for the duration of `decode`. */
export class MuxFrameDecoder {
  readonly #reader: FrameReader;
  readonly #frames: MuxFrame[] = [];
  #violation: { readonly error: unknown } | undefined;

  /** @param version of all frames. */
  constructor(version: MuxVersion) {
    this.#reader = new FrameReader(version, {
      control: (command, id) => this.#frames.push({ kind: KINDS[command]!, id }),
      update: (id, consumed, window) => this.#frames.push({ kind: 'upd', id, consumed, window }),
      begin: (_id, length) => new Uint8Array(length),
      data: (id, data) => this.#frames.push({ kind: 'psh', id, data }),
    });
  }

  /**
   * The frames that `chunk` completes. A call within the iteration over another goes on with that one's frames.
   *
   * @throws MuxProtocolError after the frames in front of the violation.
   */
  *decode(chunk: Uint8Array): Generator<MuxFrame> {
    try {
      if (!this.#violation) this.#reader.read(chunk);
    } catch (error) {
      this.#violation = { error };
    }
    for (let frame = this.#frames.shift(); frame; frame = this.#frames.shift()) yield frame;
    if (this.#violation) throw this.#violation.error;
  }

  /** @throws MuxTruncatedError when the end is within a frame. */
  end(): Iterable<MuxFrame> {
    const { partial } = this.#reader;
    if (partial > 0) throw new MuxTruncatedError(partial);
    return [];
  }
}
