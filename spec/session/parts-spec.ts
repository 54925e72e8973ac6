import { firstValueFrom, map, of } from 'rxjs';
import { InvalidMessageError, type Message, MessageTooLargeError, memoryPair, type Session } from 'rxkcp';
import { arq } from 'rxkcp/operators';
import { label } from 'rxkcp/testing';
import { describe, expect, test } from 'vitest';
import { testScheduler, text, words } from '../support/marbles.ts';
import { bytes, integer, seeded, seeds } from '../support/random.ts';
import { open } from '../support/sessions.ts';

function pair(options = {}): [Session, Session] {
  const [left, right] = memoryPair();
  return [open(left, options), open(right, options)];
}

describe('a message in several pieces', () => {
  test('is one message', async () => {
    const [a, b] = pair();
    const message = firstValueFrom(b.pipe(map(words)));
    a.next([text('hel'), text(''), text('lo')]);
    await expect(message).resolves.toBe('hello');
    const next = firstValueFrom(b.pipe(map(words)));
    await a.send([text('good'), text('bye')]);
    await expect(next).resolves.toBe('goodbye');
    expect(a.stats().bytesSent).toBe(12);
  });

  test.each(seeds(30))('takes the same packets as in one piece, in either mode (seed %i)', (seed) => {
    const random = seeded(seed);
    const stream = integer(random, 0, 1) === 1;
    const inParts: Message[] = Array.from({ length: integer(random, 1, 6) }, () =>
      Array.from({ length: integer(random, 1, 8) }, () => bytes(random, integer(random, 0, 2000))).concat(text('.')),
    );
    const packetsOf = (messages: Message[]): string[] => {
      const scheduler = testScheduler();
      const packets: string[] = [];
      const { transmit, close } = closable(scheduler, stream);
      of(...messages)
        .pipe(transmit)
        .subscribe((burst) =>
          packets.push(...burst.map((packet) => `${label(packet)} ${Buffer.from(packet).toString('hex')}`)),
        );
      close();
      return packets;
    };
    const whole = inParts.map((parts) => Uint8Array.from(Buffer.concat(parts as Uint8Array[])));
    const packets = packetsOf(inParts);
    expect(packets.length).toBeGreaterThan(0);
    expect(packets).toEqual(packetsOf(whole));
  });

  test('is copied before next returns', async () => {
    const [a, b] = pair();
    b.pause();
    const part = text('mine');
    const message = firstValueFrom(b.pipe(map(words)));
    a.next([part, part]);
    part.fill(0);
    b.resume();
    await expect(message).resolves.toBe('minemine');
  });

  test('is refused when it is empty, no bytes, or too long all together', async () => {
    const [a] = pair();
    for (const wrong of [[], [text('')], ['text'], [text('a'), 1]] as Message[]) {
      await expect(a.send(wrong)).rejects.toThrow(InvalidMessageError);
    }
    const half = new Uint8Array((255 * 1376) / 2);
    await expect(a.send([half, half, text('!')])).rejects.toThrow(MessageTooLargeError);
    await expect(a.send([half, half])).resolves.toBeUndefined();
    expect(a.closed).toBe(false);
  });

  test('counts all together against the caps on what waits', async () => {
    const [a, b] = pair({ sendWindow: 1, sendQueueSegments: 2, stream: true });
    b.pause();
    a.next(text('first'));
    const segment = new Uint8Array(1376);
    await expect(a.send([segment, segment, segment, segment])).rejects.toThrow('sendQueueSegments');
    expect(a.closed).toBe(false);
  });
});

/** All waits for one flush: messages meet in the queue. */
function closable(scheduler: ReturnType<typeof testScheduler>, stream: boolean) {
  const conversation = arq({ conv: 1, scheduler, mode: 'fast3', stream, sendWindow: 1000, writeDelay: true });
  return { transmit: conversation.transmit, close: () => conversation.close() };
}
