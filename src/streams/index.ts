// Sessions as web streams, where there are such: rxkcp/streams.

export type { StreamOptions } from './pieces.ts';
export { toWebStreams, type WebStreams } from './web.ts';
