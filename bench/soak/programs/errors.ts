// Socket errors on purpose: those of the native link by the build of the addon that specs use (native/faults), those of node:dgram in
// place of what was to be sent. None of them may end a session, but for a refusal one that has not heard a word of its peer yet.

import { Socket } from 'node:dgram';
import { createRequire } from 'node:module';
import { constants } from 'node:os';
import { seededRandom } from '../../../examples/relay/random.ts';

/** What the build of the addon for specs has in addition. */
interface FaultyAddon {
  /** @returns how many failures were left of those told before. */
  fail(call: 'send' | 'receive', errno: number, times: number, segmentedOnly: boolean): number;
}

type Counts = Record<string, number>;

/** The system's name of an error, on a call, of segmented messages only. */
type Fault = readonly [name: keyof typeof constants.errno, call: 'send' | 'receive', segmentedOnly?: boolean];

const FAULTS: readonly Fault[] = [
  ['EAGAIN', 'send'],
  ['ENOBUFS', 'send'],
  ['ECONNREFUSED', 'send'],
  ['EPERM', 'send'],
  ['EIO', 'send'],
  ['EMSGSIZE', 'send', true],
  ['EINVAL', 'send', true],
  ['ENETUNREACH', 'send'],
  ['EAGAIN', 'receive'],
  ['ECONNREFUSED', 'receive'],
  ['ENOMEM', 'receive'],
];
/** ms between two failures. */
const EVERY = 20;
/** Of node:dgram: the share of datagrams that fail. */
const SHARE = 0.1;

const require = createRequire(import.meta.url);

/** Has rxkcp use the addon at `path` in this thread; to be called before its first socket. */
export function useFaultyAddon(path: string): FaultyAddon {
  const addon = require(path) as FaultyAddon;
  // What rxkcp finds its prebuild with.
  const finder = require.resolve('node-gyp-build');
  require(finder);
  const found = require.cache[finder];
  if (found !== undefined) found.exports = () => addon;
  return addon;
}

/** Makes calls of this thread fail for `ms`. @returns how many did, by the name of the error. */
export function injectErrors(addon: FaultyAddon | undefined, ms: number, seed: number): Promise<Counts> {
  const random = seededRandom(seed);
  const counts: Counts = {};
  const stop = addon === undefined ? failDgram(random, counts) : failNative(addon, random, counts);
  return new Promise((resolve) => {
    setTimeout(() => {
      stop();
      resolve(counts);
    }, ms);
  });
}

function failNative(addon: FaultyAddon, random: () => number, counts: Counts): () => void {
  const pending = { send: { name: '', times: 0 }, receive: { name: '', times: 0 } };
  const tell = (call: 'send' | 'receive', name: string, errno: number, times: number, segmentedOnly: boolean): void => {
    const { name: before, times: told } = pending[call];
    const failed = told - addon.fail(call, errno, times, segmentedOnly);
    if (failed > 0) counts[before] = (counts[before] ?? 0) + failed;
    pending[call] = { name: `${name} (${call})`, times };
  };
  const timer = setInterval(() => {
    const [name, call, segmentedOnly = false] = FAULTS[Math.floor(random() * FAULTS.length)] as Fault;
    tell(call, name, constants.errno[name], 1 + Math.floor(random() * 4), segmentedOnly);
  }, EVERY);
  return () => {
    clearInterval(timer);
    for (const call of ['send', 'receive'] as const) tell(call, '', 0, 0, false);
  };
}

function failDgram(random: () => number, counts: Counts): () => void {
  const names = [...new Set(FAULTS.filter(([, call]) => call === 'send').map(([name]) => name))];
  const { send } = Socket.prototype;
  const faulty = function (this: Socket, ...args: unknown[]): void {
    if (random() >= SHARE) {
      Reflect.apply(send, this, args);
      return;
    }
    const code = names[Math.floor(random() * names.length)] as keyof typeof constants.errno;
    const key = `${code} (send)`;
    counts[key] = (counts[key] ?? 0) + 1;
    // As node:dgram tells who gave no callback.
    const error = Object.assign(new Error(`send ${code}`), { code, errno: -constants.errno[code], syscall: 'send' });
    process.nextTick(() => this.emit('error', error));
  };
  Socket.prototype.send = faulty as typeof send;
  return () => {
    Socket.prototype.send = send;
  };
}
