import { createRequire } from 'node:module';
import { type Address, AddressInUseError, connect, listen } from 'rxkcp';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { describeLinks, describeNative } from '../../support/native.ts';

/** As far as node:dgram uses it. */
interface Cluster {
  isWorker: boolean;
  _getServer?: (server: unknown, options: object, callback: (errno: number) => void) => void;
}

// The very object that node:dgram has, which an import would copy.
const cluster = createRequire(import.meta.url)('node:cluster') as Cluster;
const { isWorker, _getServer } = cluster;
const EADDRINUSE = -98;

/** How often the primary was asked for a socket, from which all its workers would take datagrams in turn. */
let asked = 0;
const open: (() => void)[] = [];

beforeEach(() => {
  asked = 0;
  cluster.isWorker = true;
  cluster._getServer = (_server, _options, callback) => {
    asked++;
    callback(EADDRINUSE);
  };
});

afterEach(() => {
  for (const close of open.splice(0)) close();
  Object.assign(cluster, { isWorker, _getServer });
});

function bound(port: number, reusePort: boolean): Promise<Address> {
  return new Promise((onListening, error) => {
    const server = listen({ port, host: '127.0.0.1', reusePort, onListening }).subscribe({ error });
    open.push(() => server.unsubscribe());
  });
}

describeLinks(() => {
  test('a worker of a cluster has a socket of its own, and the second on its port fails', async () => {
    const { port } = await bound(0, false);
    await expect(bound(port, false)).rejects.toThrow(AddressInUseError);
    await new Promise((ready) => {
      const client = connect({ port }).subscribe(ready);
      open.push(() => client.unsubscribe());
    });
    expect(asked).toBe(0);
  });
});

describeNative('the native link in a worker of a cluster', () => {
  test('shares a port by reusePort', async () => {
    const { port } = await bound(0, true);
    await expect(bound(port, true)).resolves.toMatchObject({ port });
    expect(asked).toBe(0);
  });
});
