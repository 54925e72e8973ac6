import type { OperatorFunction } from 'rxjs';
import type { MuxFrame } from '../src/core/mux/frame.ts';
import { MuxFrameDecoder } from '../src/core/mux/frame-codec.ts';
import { unframe } from '../src/framing/unframe.ts';
import { type MuxFrameOptions, muxFrameVersion } from './encode-mux-frames.ts';

/**
 * Decodes smux frames from a byte stream that is cut anywhere.
 *
 * Each chunk emits all frames that it completes. At most one incomplete frame is buffered: 65,543 bytes. Like smux, it skips data frames
 * without data.
 *
 * ```
 * chunks   --[02 00 00]---[00 03000000]---|
 *          decodeMuxFrames()
 * frames   ---------------(syn 3)---------|
 * ```
 *
 * - `MuxProtocolError` (of `rxkcp/mux`): the peer violated the protocol. Frames before the violation are emitted first.
 * - `MuxTruncatedError`: the source completed within a frame.
 *
 * The data of each frame has its own buffer, which belongs to the subscriber. Chunks are lent for the duration of `next`. Completion and errors
 * of the source are forwarded. Each subscription has its own state.
 *
 * @example
 * session.pipe(decodeMuxFrames({ version: 1 })).subscribe(frame => console.log(frame.kind, frame.id));
 *
 * @param options see {@link MuxFrameOptions}.
 * @throws OptionError if an option is invalid; `error.option` names it.
 * @see smux session.go, recvLoop.
 */
export function decodeMuxFrames(options: MuxFrameOptions = {}): OperatorFunction<Uint8Array, MuxFrame> {
  const version = muxFrameVersion(options);
  return unframe(() => new MuxFrameDecoder(version));
}
