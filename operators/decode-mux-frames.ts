import type { OperatorFunction } from 'rxjs';
import type { MuxFrame } from '../src/core/mux/frame.ts';
import { MuxFrameDecoder } from '../src/core/mux/frame-codec.ts';
import { unframe } from '../src/framing/unframe.ts';
import { type MuxFrameOptions, muxFrameVersion } from './encode-mux-frames.ts';

/**
 * Decodes frames of smux from a stream of bytes that is cut anywhere.
 *
 * All frames that a chunk completes are emitted with it; at most one incomplete frame is kept, 65543 bytes. Data frames without data are
 * skipped, as smux does. A violation of the protocol ends the stream with a `MuxProtocolError` (of `rxkcp/mux`) after the frames in front of
 * it, and a source that completes within a frame with `MuxTruncatedError`.
 *
 * ```
 * chunks   --[02 00 00]---[00 03000000]---|
 *          decodeMuxFrames()
 * frames   ---------------(syn 3)---------|
 * ```
 *
 * The data of each frame is the subscriber's alone, in a buffer of its own. Chunks are lent for the duration of `next`. Completion and errors of
 * the source are passed on. Each subscription decodes for itself.
 *
 * @example
 * session.pipe(decodeMuxFrames({ version: 1 })).subscribe(frame => console.log(frame.kind, frame.id));
 *
 * @param options see {@link MuxFrameOptions}.
 * @throws OptionError at once, naming the option that is wrong.
 * @see smux session.go, recvLoop.
 */
export function decodeMuxFrames(options: MuxFrameOptions = {}): OperatorFunction<Uint8Array, MuxFrame> {
  const version = muxFrameVersion(options);
  return unframe(() => new MuxFrameDecoder(version));
}
