// Chromium without a window, and the pages it is shown. Debian's: `apt-get install chromium`; RXKCP_CHROMIUM names another.

import { existsSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Browser, chromium } from 'playwright-core';
import type { Presence } from '../interop/support/peer-presence.ts';

const EXECUTABLE = process.env.RXKCP_CHROMIUM ?? '/usr/bin/chromium';

export const CHROMIUM: Presence = {
  peer: 'Chromium',
  missing: existsSync(EXECUTABLE) ? undefined : `${EXECUTABLE} is not there; apt-get install chromium`,
};

/** A new browser, with a profile of its own that goes when it is closed. It talks to nobody but us. */
export function launch(): Promise<Browser> {
  return chromium.launch({
    executablePath: EXECUTABLE,
    headless: true,
    chromiumSandbox: false,
    args: [
      ...['--disable-gpu', '--disable-quic', '--no-first-run'],
      ...['--disable-background-networking', '--disable-component-update', '--disable-sync'],
    ],
    timeout: 90_000,
  });
}

/** A site on localhost, where pages may do all that they may by https. */
export class Site {
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  /** Serves scripts by their paths. Every other path is an empty page; one below `/strict/` may run its own scripts alone, and no WebAssembly. */
  static async open(scripts: Readonly<Record<string, string>>): Promise<Site> {
    const server = createServer(({ url = '/' }, response) => {
      const script = scripts[url];
      const policy = url.startsWith('/strict/') ? { 'content-security-policy': "script-src 'self'" } : {};
      response.writeHead(200, {
        'content-type': script === undefined ? 'text/html' : 'text/javascript',
        ...policy,
      });
      response.end(script ?? '<!doctype html><title>rxkcp</title>');
    });
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject).listen(0, '127.0.0.1', resolve);
    });
    return new Site(server);
  }

  url(path: string): string {
    return `http://localhost:${(this.#server.address() as AddressInfo).port}${path}`;
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}
