// UDP as links and hubs, for what stands between a socket and a session.

import { firstValueFrom, map, Observable, switchMap, tap, toArray } from 'rxjs';
import { type Burst, connect, type Link, listen, OptionError, UnknownOptionError, udpHub, udpLink } from 'rxkcp';
import { impair } from 'rxkcp/testing';
import { describe, expect, test } from 'vitest';
import { text, words } from '../../support/marbles.ts';

/** `link`, and the bytes of each datagram that leaves it. */
function tapped(link: Link, sizes: number[]): Link {
  const next = (burst: Burst): void => {
    sizes.push(...burst.map(({ length }) => length));
    link.outgoing.next(burst);
  };
  return { ...link, outgoing: { next } };
}

describe('udpLink and udpHub', () => {
  test('sessions run over them, through an impaired network and a tap', async () => {
    const sizes: number[] = [];
    const echoes = new Observable<string>((subscriber) => {
      const server = udpHub({ port: 0, host: '127.0.0.1' })
        .pipe(
          tap(({ local }) => {
            const { port = 0 } = local ?? {};
            const client = udpLink({ port }).pipe(
              map((link) => tapped(impair({ loss: 0.2, delay: 5, seed: 1 })(link), sizes)),
              switchMap((link) => connect({ link, mode: 'fast3' })),
            );
            subscriber.add(
              client.subscribe((session) => {
                session.pipe(map(words)).subscribe((word) => {
                  subscriber.next(word);
                  if (word === 'c') session.complete();
                });
                session.closed$.subscribe(() => subscriber.complete());
                for (const word of ['a', 'b', 'c']) session.next(text(word));
              }),
            );
          }),
          switchMap((hub) => listen({ link: hub, mode: 'fast3' })),
        )
        .subscribe((session) => session.subscribe(session));
      subscriber.add(server);
    });
    expect(await firstValueFrom(echoes.pipe(toArray()))).toEqual(['a', 'b', 'c']);
    expect(sizes.length).toBeGreaterThan(0);
  });

  test('a link that is not used closes its socket with the subscription', async () => {
    const options = { port: 9, localPort: 0 };
    const local = await firstValueFrom(udpLink(options).pipe(map(({ local }) => local)));
    const again = udpLink({ ...options, localPort: local?.port ?? 0 });
    expect((await firstValueFrom(again.pipe(map(({ local }) => local))))?.port).toBe(local?.port);
  });

  test('options are checked within the call', () => {
    expect(() => udpLink({ port: 70_000 })).toThrow(OptionError);
    expect(() => udpHub({ port: -1 })).toThrow(OptionError);
    expect(() => udpLink({ port: 1, hots: 'localhost' } as never)).toThrow(UnknownOptionError);
    expect(() => udpHub({ port: 1, mode: 'fast3' } as never)).toThrow(UnknownOptionError);
  });
});
