import { map, type OperatorFunction } from 'rxjs';
import { checkOptions, type OptionNames } from '../src/check.ts';
import type { MuxFrame, MuxVersion } from '../src/core/mux/frame.ts';
import { encodeMuxFrame, requireMuxVersion } from '../src/core/mux/frame-codec.ts';

/** Which frames {@link encodeMuxFrames} and `decodeMuxFrames` work on. */
export interface MuxFrameOptions {
  /** Version of smux, 1 or 2. Default 2. */
  version?: MuxVersion | undefined;
}

const NAMES: OptionNames<MuxFrameOptions> = { version: true };

/** @throws OptionError */
export function muxFrameVersion(options: MuxFrameOptions): MuxVersion {
  checkOptions(options, NAMES);
  return options.version === undefined ? 2 : requireMuxVersion('version', options.version);
}

/**
 * Encodes smux frames, one chunk per frame.
 *
 * This is the codec alone, for tools that inspect or forge smux. For streams over a connection, use `mux` of `rxkcp/mux`.
 *
 * ```
 * frames   --(syn 3)-------------------|
 *          encodeMuxFrames()
 * chunks   --[02 00 0000 03000000]-----|
 * ```
 *
 * Each chunk has its own buffer. A frame with a field out of range ends the stream with `OptionError`. Completion and errors of the source
 * are forwarded.
 *
 * @example
 * from([{ kind: 'syn', id: 3 }, { kind: 'psh', id: 3, data: hello }] as const).pipe(encodeMuxFrames()).subscribe(session);
 *
 * @param options see {@link MuxFrameOptions}.
 * @throws OptionError if an option is invalid; `error.option` names it.
 * @see smux frame.go.
 */
export function encodeMuxFrames(options: MuxFrameOptions = {}): OperatorFunction<MuxFrame, Uint8Array> {
  const version = muxFrameVersion(options);
  return map((frame) => encodeMuxFrame(frame, version));
}
