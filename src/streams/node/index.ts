/**
 * Sessions as streams of Node.
 *
 * @module rxkcp/node
 */

export type { ByteConversation } from '../../session/conversation.ts';
export type { StreamOptions } from '../pieces.ts';
export { type DuplexOptions, toDuplex } from './duplex.ts';
export { fromDuplex } from './duplex-link.ts';
