// The naive twin, without our deviations, against kcp-go's own control block: the same packets, in the same ms, and
// the same next flush, after every single operation of a random conversation. Together with spec/property/twin-spec.ts
// (the same twin, with our deviations, against ours) this is what "speaks kcp-go's protocol exactly" rests on.

import { isDeepStrictEqual } from 'node:util';
import { expect, test } from 'vitest';
import { converse, randomPlan, replay } from '../support/conversation.ts';
import { BlockEndpoint, type Endpoint, type EndpointOptions } from '../support/endpoint.ts';
import { timedLabel } from '../support/marbles.ts';
import { KCP_GO, NaiveKcp } from '../support/naive-kcp.ts';
import { seeds } from '../support/random.ts';
import { kcpGo } from './support/go-build.ts';
import { type Operation, type Reply, runReference } from './support/go-reference.ts';
import { describeWith } from './support/peer-presence.ts';

/** What an operation must come to: what the twin did. */
interface Expected {
  readonly packets: string[];
  readonly next?: number;
  readonly hex?: string;
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

/** The twin, and a record of all that it does, in the words of the reference program. */
class RecordedTwin implements Endpoint {
  readonly operations: Operation[] = [];
  readonly expected: Expected[] = [];
  readonly #options: EndpointOptions;
  readonly #twin: NaiveKcp;

  constructor(options: EndpointOptions) {
    this.#options = options;
    this.#twin = new NaiveKcp(options, KCP_GO);
    const { conv, sendWindow, receiveWindow, mtu, stream, initialSn, start } = options;
    const nodelay = [Number(options.nodelay), options.interval, options.resend, Number(options.nc)];
    const windows = { sndwnd: sendWindow, rcvwnd: receiveWindow };
    const sns = { sn: initialSn.send >>> 0, rcv: initialSn.receive >>> 0 };
    this.#record(start, { op: 'new', conv: conv >>> 0, nodelay, ...windows, mtu, stream, ...sns }, { packets: [] });
    this.#recordFlush(start);
  }

  get canSend(): boolean {
    return this.#twin.canSend;
  }

  write(message: Uint8Array, now: number): void {
    this.#twin.write(message, now);
    this.#record(now, { op: 'send', hex: hex(message) }, { packets: [] });
    if (!this.#options.writeDelay || !this.canSend) this.#record(now, { op: 'flush' }, this.#sent());
  }

  input(packet: Uint8Array, now: number): void {
    this.#twin.input(packet, now);
    this.#record(now, { op: 'input', hex: hex(packet), ackNoDelay: this.#options.ackNoDelay }, this.#sent());
  }

  read(now: number): Uint8Array | undefined {
    const message = this.#twin.read();
    this.#record(now, { op: 'recv' }, { packets: [], ...(message && { hex: hex(message) }) });
    return message;
  }

  nextWake(now: number): number {
    return this.#twin.nextWake(now);
  }

  wake(now: number): void {
    this.#twin.wake(now);
    this.#recordFlush(now);
  }

  /** Nobody is interested: the record has the packets. */
  takeBurst(): Uint8Array[] {
    return [];
  }

  #sent(): Expected {
    return { packets: this.#twin.takeBurst().map(hex) };
  }

  #recordFlush(at: number): void {
    this.#record(at, { op: 'flush' }, { ...this.#sent(), next: this.#twin.nextWake(at) });
  }

  #record(at: number, operation: Operation, expected: Expected): void {
    this.operations.push({ id: 'twin', at: at >>> 0, ...operation });
    this.expected.push(expected);
  }
}

const done = ({ packets, next, hex: message }: Reply, { next: expectedNext }: Expected): Expected => ({
  packets: packets ?? [],
  ...(message !== undefined && { hex: message }),
  ...(expectedNext !== undefined && next !== undefined && { next }),
});

describeWith(kcpGo, `the control block of ${kcpGo.peer}`, () => {
  test.each(seeds(60))('does what the naive twin without deviations does, operation by operation (seed %i)', (seed) => {
    const plan = randomPlan(seed);
    for (const side of converse(seed, plan, (options) => new BlockEndpoint(options))) {
      const twin = new RecordedTwin(side.options);
      replay(side, twin);
      const replies = runReference(twin.operations);
      expect(replies.length).toBe(twin.operations.length);
      const at = replies.findIndex((reply, i) => {
        const expected = twin.expected[i] as Expected;
        return reply.error !== undefined || !isDeepStrictEqual(done(reply, expected), expected);
      });
      if (at < 0) continue;
      const [operation, reply, expected] = [twin.operations[at], replies[at] as Reply, twin.expected[at] as Expected];
      expect({ operation, did: reply.error ?? explain(done(reply, expected)) }).toEqual({
        operation,
        did: explain(expected),
      });
    }
  });
});

function explain({ packets, ...rest }: Expected): object {
  return { ...rest, packets: packets.map((packet) => timedLabel(Buffer.from(packet, 'hex'))) };
}
