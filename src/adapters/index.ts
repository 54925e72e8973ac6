/**
 * Sessions with the interfaces that other libraries expect.
 *
 * @module rxkcp/adapters
 */

export type { ByteConversation } from '../session/conversation.ts';
export { jsonCodec, type MessageCodec } from './codec.ts';
export { type Handler, PeerCloseEvent, PeerErrorEvent, PeerMessageEvent } from './events.ts';
export { type PortOptions, SessionPort, toMessagePort } from './message-port.ts';
export { disposable, type OpenSessionOptions, openSession } from './open-session.ts';
export {
  fromPlatformObservable,
  type PlatformObservable,
  type PlatformObservableConstructor,
  type PlatformObserver,
  type PlatformSubscriber,
  toPlatformObservable,
} from './platform-observable.ts';
export { type SendMessageOptions, sendMessage } from './send-message.ts';
export { type MessageTransport, toTransport } from './transport.ts';
export { SessionSocket, type SocketConversation, type SocketOptions, toWebSocket } from './web-socket.ts';
