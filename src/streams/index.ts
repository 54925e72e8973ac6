// Sessions as web streams, where there are such: rxkcp/streams.

export type { ByteConversation } from '../session/conversation.ts';
export type { StreamOptions } from './pieces.ts';
export { toWebStreams, type WebStreams } from './web.ts';
