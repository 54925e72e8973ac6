/**
 * Sessions as web streams.
 *
 * @module rxkcp/streams
 */

export type { ByteConversation } from '../session/conversation.ts';
export type { StreamOptions } from './pieces.ts';
export { toWebStreams, type WebStreams } from './web.ts';
