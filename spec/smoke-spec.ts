import { firstValueFrom, Observable } from 'rxjs';
import { connect, listen } from 'rxkcp';
import { expect, test } from 'vitest';

test('udp echo', async () => {
  let port = 0;
  const server = listen({
    port: 0,
    host: '127.0.0.1',
    mode: 'fast3',
    onListening: (a) => {
      port = a.port;
    },
  }).subscribe((s) => {
    s.subscribe(s);
  });
  await new Promise((r) => setTimeout(r, 50));
  const total = 20_000_000;
  let got = 0;
  await new Promise<void>((resolve, reject) => {
    const sub = connect({ port, mode: 'fast3', stream: true, sendWindow: 1024, receiveWindow: 1024 }).subscribe(
      async (session) => {
        const t = performance.now();
        session.subscribe({
          next: (m) => {
            got += m.length;
            if (got === total) {
              console.log(total / (performance.now() - t) / 1000, 'MB/s', session.stats());
              sub.unsubscribe();
              resolve();
            }
          },
          error: reject,
        });
        const chunk = new Uint8Array(50_000);
        for (let sent = 0; sent < total; sent += chunk.length) await session.send(chunk);
      },
    );
  });
  server.unsubscribe();
  expect(got).toBe(total);
});
