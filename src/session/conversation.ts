// What operators and streams need of a session: a stream of rxkcp/mux has it, too.

import type { Observer, Subscription } from 'rxjs';
import type { Session } from './session.ts';

/** Where bytes are sent: a session, or a stream of `rxkcp/mux`. */
export type SendTarget = Pick<Session, 'conv' | 'closed$' | 'send$'> & {
  /** Sees to it that what waits is sent, even if the peer has finished. @internal */
  readonly following: Pick<Session['following'], 'keepSending'>;
};

/** What a conversation is held on: a session, or a stream of `rxkcp/mux`. */
export type Conversation = Pick<
  Session,
  'closed' | 'closed$' | 'complete' | 'close' | 'isFailure' | 'demand' | 'messages'
> & {
  /** The peer's address, if it has one. */
  readonly remote?: Session['remote'];
};

/** What can be seen as a stream of Node or of the web: a session, or a stream of `rxkcp/mux`. */
export type ByteConversation = Pick<
  Session,
  | 'conv'
  | 'closed'
  | 'closed$'
  | 'messageMax'
  | 'send'
  | 'finish'
  | 'error'
  | 'complete'
  | 'close'
  | 'demand'
  | 'following'
> & {
  /** Delivers what is received. */
  subscribe(observer: Partial<Observer<Uint8Array>>): Subscription;
};
