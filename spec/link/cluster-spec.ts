import { createRequire } from 'node:module';
import { type Address, AddressInUseError, listen } from 'rxkcp';
import { afterEach, expect, test } from 'vitest';
import { describeLinks, describeNative } from '../support/native.ts';

/** As far as node:dgram uses it. */
interface Cluster {
  isWorker: boolean;
  _getServer?: (server: unknown, options: { port: number }, callback: (errno: number) => void) => void;
}

// The very object that node:dgram has, which an import would copy.
const cluster = createRequire(import.meta.url)('node:cluster') as Cluster;
const { isWorker, _getServer } = cluster;
const EADDRINUSE = -98;

/** Ports that the primary was asked for. It has none to give. */
const asked: number[] = [];

function becomeWorker(): void {
  asked.length = 0;
  cluster.isWorker = true;
  cluster._getServer = (_server, { port }, callback) => {
    asked.push(port);
    callback(EADDRINUSE);
  };
}

afterEach(() => {
  Object.assign(cluster, { isWorker, _getServer });
});

function bound(options: { reusePort: boolean }): Promise<Address> {
  return new Promise((resolve, error) => {
    const onListening = (local: Address): void => {
      resolve(local);
      queueMicrotask(() => server.unsubscribe());
    };
    const server = listen({ port: 0, host: '127.0.0.1', ...options, onListening }).subscribe({ error });
  });
}

describeLinks(() => {
  test('a worker of a cluster asks its primary for the port, which others may share', async () => {
    becomeWorker();
    await expect(bound({ reusePort: false })).rejects.toThrow(AddressInUseError);
    expect(asked).toEqual([0]);
  });
});

describeNative('the native link in a worker of a cluster', () => {
  test('needs no primary to share a port by reusePort', async () => {
    becomeWorker();
    await expect(bound({ reusePort: true })).resolves.toMatchObject({ address: '127.0.0.1' });
    expect(asked).toEqual([]);
  });
});
