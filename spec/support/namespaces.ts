// Two network namespaces and a cable between them, on Linux and for root only.

import { execFileSync } from 'node:child_process';
import type { Cleanup } from '../interop/support/cleanup.ts';

const run = (...args: string[]): string => execFileSync('ip', args, { encoding: 'utf8', stdio: 'pipe' });

/** What is in the way of namespaces here; undefined if nothing is. Where CI runs as root, nothing may be: the specs say what fails. */
export function withoutNamespaces(): string | undefined {
  if (process.platform !== 'linux') return 'not on Linux';
  if (process.getuid?.() !== 0) return 'not root';
  if (process.env.CI === 'true') return undefined;
  const probe = `rxkcp-probe-${process.pid}`;
  try {
    run('netns', 'add', probe);
    run('netns', 'del', probe);
    return undefined;
  } catch (error) {
    return (error as Error).message.trim().replaceAll('\n', ' ');
  }
}

/** A namespace with one device. Its addresses are of a network of 24 bits. */
export class Namespace {
  readonly name: string;
  readonly #device: string;

  constructor(name: string, device: string) {
    this.name = name;
    this.#device = device;
  }

  give(address: string): void {
    this.#inside('addr', 'add', `${address}/24`, 'dev', this.#device);
  }

  take(address: string): void {
    this.#inside('addr', 'del', `${address}/24`, 'dev', this.#device);
  }

  up(): void {
    this.#inside('link', 'set', this.#device, 'up');
  }

  /** The command that runs `command` in the namespace. */
  command(...command: string[]): [program: string, ...args: string[]] {
    return ['ip', 'netns', 'exec', this.name, ...command];
  }

  #inside(...args: string[]): void {
    run('-n', this.name, ...args);
  }
}

let made = 0;

/** Lays the cable, until the test is over. */
export function layCable(cleanup: Cleanup): [Namespace, Namespace] {
  const names = ['a', 'b'].map((end) => `rxkcp-${end}${process.pid}-${made}`) as [string, string];
  made++;
  for (const name of names) {
    run('netns', 'add', name);
    cleanup(() => void run('netns', 'del', name));
  }
  const [left, right] = names;
  run('link', 'add', 'va', 'netns', left, 'type', 'veth', 'peer', 'name', 'vb', 'netns', right);
  const ends: [Namespace, Namespace] = [new Namespace(left, 'va'), new Namespace(right, 'vb')];
  for (const end of ends) end.up();
  return ends;
}
