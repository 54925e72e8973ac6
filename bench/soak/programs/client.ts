// A client process: its loads, all at the same time.

import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect } from 'rxkcp';
import { seededRandom } from '../../../examples/relay/random.ts';
import { optionsOf } from '../profiles.ts';
import type { ClientSettings } from '../words.ts';
import { Load } from './load.ts';
import { begin, say, settingsOf, wrong } from './program.ts';

/** Sessions that are opened to be left at once. */
const STORM = 20;
/** Share of the loads' sessions that are closed with them. */
const DROPPED = 0.3;

const settings = settingsOf<ClientSettings>();
const start = begin(settings);
const listener = {
  wrong,
  failed: (load: string, port: number, code: string) => say({ word: 'failed', load, port, code }),
};
const loads = settings.loads.map((spec) => new Load(spec, settings, listener));

/** Sessions that end in the middle of what they do, some because their socket is closed under them. */
async function drop(seed: number): Promise<void> {
  const random = seededRandom(seed);
  for (const load of loads) if (random() < DROPPED) load.drop();
  for (let i = 0; i < STORM; i++) {
    const spec = settings.loads[Math.floor(random() * settings.loads.length)];
    if (spec === undefined) return;
    const lent = random() < 0.3 ? createSocket('udp4').bind(0, '127.0.0.1') : undefined;
    if (lent !== undefined) await once(lent, 'listening');
    const options = { ...optionsOf(spec.profile, settings.idleTimeout), port: spec.port, socket: lent };
    const dialling = connect(options).subscribe({
      next: (session) => {
        session.subscribe({
          error: (error) => {
            if (lent === undefined || error.code !== 'ERR_SOCKET_CLOSED') wrong(`a session that was left: ${error}`);
          },
        });
        session.next(new Uint8Array(5_000));
        setTimeout(() => (lent === undefined ? dialling.unsubscribe() : lent.close()), random() * 100);
      },
      error: (error) => wrong(`a session to be left: ${error}`),
    });
  }
}

start({
  loads: () => loads.map(({ totals }) => totals),
  take: (order) => {
    if (order.order === 'drop') void drop(order.seed);
    else if (order.order === 'drain') for (const load of loads) load.drain();
  },
});
const watching = setInterval(() => {
  for (const load of loads) load.watch();
}, 1000);
say({ word: 'ready' });
await Promise.all(loads.map((load) => load.run()));
clearInterval(watching);
say({ word: 'drained' });
