// A link over a data channel of WebRTC.

import type { Burst } from '../bytes/burst.ts';
import { checkOptions, type OptionNames, requireInteger } from '../check.ts';
import { processCounters } from '../counters/process.ts';
import { SocketError } from '../errors.ts';
import { DATAGRAM_MAX } from '../limits.ts';
import type { Link } from './link.ts';
import { incomingOf } from './spent.ts';

/** The part of `RTCDataChannel` that a link uses. */
export interface DataChannelLike {
  /** `connecting`, `open`, `closing` or `closed`. */
  readonly readyState: string;
  /** How binary messages arrive; the link sets it to `arraybuffer`. */
  binaryType: string;
  /** Bytes that were given to `send` and have not left. */
  readonly bufferedAmount: number;
  /** Copies a message into the buffer of the channel. Throws if the channel is not open. */
  send(data: Uint8Array<ArrayBuffer>): void;
  /** Closes the channel for both peers. */
  close(): void;
  /** Listens to events of the types `message`, `error`, `closing` and `close`. */
  addEventListener(type: string, listener: (event: object) => void): void;
  /** Removes a listener. */
  removeEventListener(type: string, listener: (event: object) => void): void;
}

/** Options of {@link dataChannelLink}. */
export interface DataChannelLinkOptions {
  /** Most bytes that may wait in the channel's buffer. Datagrams beyond are dropped. 1500 … 16777216. Default 262144. */
  maxBufferedBytes?: number | undefined;
}

const NAMES: OptionNames<DataChannelLinkOptions> = { maxBufferedBytes: true };

/**
 * Makes a link over a data channel of WebRTC: sessions between browsers.
 *
 * Create the channel with `{ ordered: false, maxRetransmits: 0 }`. Any other channel retransmits what KCP retransmits, too. Each
 * datagram is one message. A message that is not a datagram (text, or more than 1500 bytes) is dropped, and counted as `InErrs`.
 *
 * The link behaves as a socket does. If the channel is not open yet, or if `maxBufferedBytes` wait in its buffer, datagrams are
 * dropped, and KCP retransmits them. A channel may take longer to open than a session takes to find its peer dead: connect after its
 * `open` event. Messages that arrive before the link is subscribed to are lost.
 *
 * The session ends as `peer` when the channel closes, whichever side closes it, and fails with {@link SocketError} if the channel
 * fails; `cause` is the channel's error. Closing the session closes the channel. Another session over the channel then fails with
 * {@link LinkSpentError}.
 *
 * @example
 * // peerConnection.createDataChannel('kcp', { ordered: false, maxRetransmits: 0 }) made the channel.
 * connect({ link: dataChannelLink(channel), conv: 1 }).subscribe(session => session.subscribe(session));
 *
 * @param channel a channel with no other listener or sender.
 * @param options see {@link DataChannelLinkOptions}.
 * @throws OptionError at once, if an option is invalid; `error.option` names it.
 */
export function dataChannelLink(channel: DataChannelLike, options: DataChannelLinkOptions = {}): Link {
  checkOptions(options, NAMES);
  const { maxBufferedBytes = 262_144 } = options;
  requireInteger('maxBufferedBytes', maxBufferedBytes, DATAGRAM_MAX, 1 << 24);
  return {
    incoming: incomingOf(channel, (subscriber) => {
      const receive = (data: unknown): void => {
        const datagram = bytesOf(data);
        if (datagram !== undefined && datagram.length <= DATAGRAM_MAX) subscriber.next([datagram]);
        else processCounters().InErrs++;
      };
      const onMessage = (event: object): void => {
        const { data } = event as { readonly data: unknown };
        // Some platforms give a Blob all the same. Datagrams may overtake each other.
        if (isBlob(data)) data.arrayBuffer().then(receive, () => processCounters().InErrs++);
        else receive(data);
      };
      const onError = (event: object): void => {
        const { error: cause } = event as { readonly error?: unknown };
        subscriber.error(new SocketError('the data channel failed', { cause }));
      };
      const onClose = (): void => subscriber.complete();
      channel.binaryType = 'arraybuffer';
      channel.addEventListener('message', onMessage);
      channel.addEventListener('error', onError);
      channel.addEventListener('closing', onClose);
      channel.addEventListener('close', onClose);
      // A channel that was closed before emits no event any more.
      if (channel.readyState === 'closing' || channel.readyState === 'closed') onClose();
      return () => {
        channel.removeEventListener('message', onMessage);
        channel.removeEventListener('error', onError);
        channel.removeEventListener('closing', onClose);
        channel.removeEventListener('close', onClose);
        channel.close();
      };
    }),
    outgoing: {
      next: (burst: Burst) => {
        for (const datagram of burst) {
          if (channel.readyState !== 'open' || channel.bufferedAmount + datagram.length > maxBufferedBytes) return;
          channel.send(datagram as Uint8Array<ArrayBuffer>);
        }
      },
    },
  };
}

/** What a message holds, if it is binary. */
function bytesOf(data: unknown): Uint8Array | undefined {
  if (data instanceof ArrayBuffer) return new Uint8Array(data);
  if (ArrayBuffer.isView(data)) return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return undefined;
}

function isBlob(data: unknown): data is { arrayBuffer(): Promise<ArrayBuffer> } {
  return typeof (data as { arrayBuffer?: unknown } | null | undefined)?.arrayBuffer === 'function';
}
