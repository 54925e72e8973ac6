// Conducts a soak: servers, clients and the networks between them, faults one after the other, and in the end a verdict.

import { setTimeout as sleep } from 'node:timers/promises';
import { seededRandom } from '../../examples/relay/random.ts';
import { FAULTS, type FaultKind, OUTLASTING, type Target } from './faults.ts';
import { GoClients, GoServer, type GoTotals } from './go.ts';
import { KINDS, type LoadSpec, loadsOf } from './loads.ts';
import { Logbook } from './logbook.ts';
import { Network } from './network.ts';
import type { Plan } from './plan.ts';
import { SoakProcess } from './process.ts';
import { type Ports, PROFILES, type Profile } from './profiles.ts';
import { type Verdict, verdictOf } from './verdict.ts';
import type { ClientSettings, ServerSettings } from './words.ts';

/** Threads of the server that has some. */
const THREADS = 2;
/** ms in addition to `idleTimeout`, and what threads take to say so, in which servers have seen that all clients are gone. */
const PATIENCE = 10_000;

/** A group of servers that share their ports. */
interface Group {
  readonly ports: Ports;
  readonly relays: Ports;
}

/** @param native whether there is a native link, and so ports that processes can share. */
export async function soak(plan: Plan, native: boolean, progress: (logbook: Logbook) => void): Promise<Verdict> {
  return new Soak(plan, native).run(progress);
}

class Soak {
  readonly #plan: Plan;
  readonly #native: boolean;
  readonly #random: () => number;
  readonly #network: Network;
  readonly #logbook: Logbook;
  readonly #servers: SoakProcess[] = [];
  readonly #clients: SoakProcess[] = [];
  #victim: SoakProcess | undefined = undefined;
  #go: GoPart | undefined = undefined;
  #isOver = false;

  constructor(plan: Plan, native: boolean) {
    this.#plan = plan;
    this.#native = native;
    this.#random = seededRandom(plan.seed);
    this.#network = new Network(seededRandom(plan.seed, 1));
    this.#logbook = new Logbook(plan);
  }

  async run(progress: (logbook: Logbook) => void): Promise<Verdict> {
    const logbook = this.#logbook;
    const showing = setInterval(() => progress(logbook), 1_000);
    try {
      await Promise.race([this.#work(), logbook.crash]);
    } catch (error) {
      logbook.wrong('the soak itself', String(error));
    } finally {
      this.#isOver = true;
      clearInterval(showing);
      this.#network.close();
      await Promise.all([this.#go?.stop(), ...this.#all().map((each) => each.kill())]);
    }
    return verdictOf(logbook, this.#network.stats());
  }

  async #work(): Promise<void> {
    const groups = await this.#open();
    this.#network.change();
    this.#go = await this.#startGo();
    await Promise.all(this.#startClients(groups, this.#go?.port));
    this.#logbook.begin();
    const relays = groups.map((group) => group.relays.salsa);
    const rounds = this.#go?.clients.run('salsa', relays);
    await this.#break(groups);
    await this.#catchUp();
    this.#logbook.end();
    this.#go?.clients.stop();
    await Promise.all([this.#drain(), rounds]);
    await this.#settle();
  }

  #all(): SoakProcess[] {
    return [...this.#servers, ...this.#clients];
  }

  #settings(): Pick<ServerSettings, 'seed' | 'idleTimeout' | 'sampleEvery' | 'collectEvery' | 'addon'> {
    const { seed, idleTimeout, sampleEvery, collectEvery, addon } = this.#plan;
    return { seed, idleTimeout, sampleEvery, collectEvery, addon };
  }

  async #server(
    name: string,
    own: Pick<ServerSettings, 'threads' | 'shared' | 'ports'>,
    dgram: boolean,
  ): Promise<Ports> {
    const settings: ServerSettings = { ...this.#settings(), ...own, sabotaged: this.#plan.sabotaged };
    const process = this.#start(name, 'server', dgram ? { ...settings, addon: undefined } : settings, dgram);
    this.#servers.push(process);
    if (name === 'server, killed') this.#victim = process;
    const { ports } = await process.word('ready');
    return ports as Ports;
  }

  #start(name: string, program: string, settings: ServerSettings | ClientSettings, dgram: boolean): SoakProcess {
    const process = new SoakProcess(name, `${this.#plan.programs}/${program}.js`, settings, dgram, this.#logbook);
    this.#logbook.processes.push(process);
    return process;
  }

  /** Starts the servers. Two processes share the ports of the native link; without it each has its own. */
  async #open(): Promise<Group[]> {
    const shared = this.#native;
    const threaded = await this.#server('server, threads', { threads: shared ? THREADS : 1, shared }, false);
    const victim = await this.#server(
      'server, killed',
      { threads: 0, shared, ports: shared ? threaded : undefined },
      false,
    );
    const dgram = await this.#server('server, node:dgram', { threads: 0, shared: false }, true);
    const ports = shared ? [threaded, dgram] : [threaded, dgram, victim];
    return Promise.all(ports.map(async (each) => ({ ports: each, relays: await this.#leadTo(each) })));
  }

  async #leadTo(ports: Ports): Promise<Ports> {
    const relays = PROFILES.map(async (profile) => [profile, await this.#network.lead(ports[profile])] as const);
    return Object.fromEntries(await Promise.all(relays)) as { [profile in Profile]: number };
  }

  #startClients(groups: readonly Group[], goPort: number | undefined): Promise<unknown>[] {
    return Array.from({ length: this.#plan.clients }, (_, client) => {
      const isDgram = client === 1;
      const loads = loadsOf(this.#plan.loads, client, this.#plan.rate / this.#plan.clients, (server, profile, way) => {
        const group = groups[server % groups.length] as Group;
        return (way === 'relay' ? group.relays : group.ports)[profile];
      });
      const settings = { ...this.#settings(), loads: client === 0 ? withGo(loads, goPort) : loads };
      const process = this.#start(
        isDgram ? 'client, node:dgram' : 'client',
        'client',
        { ...settings, stall: this.#plan.stall, addon: isDgram ? undefined : this.#plan.addon },
        isDgram,
      );
      this.#clients.push(process);
      return process.word('ready');
    });
  }

  async #startGo(): Promise<GoPart | undefined> {
    const { goPeer, length, stall } = this.#plan;
    if (goPeer === undefined) return undefined;
    const logbook = this.#logbook;
    const totals: GoTotals = { rounds: 0, bytes: 0, broken: 0, replaced: 0 };
    logbook.go = totals;
    const server = await GoServer.start(goPeer, 'aes-fec', length + 4 * stall, totals, {
      wrong: (message) => logbook.wrong("kcp-go's server", message),
      crashed: (message) => {
        logbook.wrong("kcp-go's server", message);
        logbook.crashed("kcp-go's server");
      },
    });
    const clients = new GoClients(
      goPeer,
      totals,
      (port) => logbook.isExcused(port),
      (message) => logbook.wrong('a kcp-go client', message),
    );
    return { port: await this.#network.lead(server.port), clients, stop: () => server.stop() };
  }

  /** Faults, one after the other, until the time is over. */
  async #break(groups: readonly Group[]): Promise<void> {
    const { length, pause, recovery, faults, idleTimeout } = this.#plan;
    const end = performance.now() + length;
    const left = (): number => end - performance.now();
    const changing = setInterval(() => this.#network.change(), pause);
    let bag: FaultKind[] = [];
    const target = this.#target(groups);
    try {
      await sleep(Math.min(pause, left()));
      while (!this.#isOver) {
        if (bag.length === 0) bag = shuffled(faults, this.#random);
        const fits = (kind: FaultKind): boolean => {
          const { most = OUTLASTING * idleTimeout, breaks } = FAULTS[kind];
          return left() > most + pause + (breaks === undefined ? 0 : recovery);
        };
        const kind = bag.find(fits);
        if (kind === undefined) break;
        bag.splice(bag.indexOf(kind), 1);
        const { breaks, run } = FAULTS[kind];
        const broken = breaks?.(target) ?? [];
        const over = this.#logbook.fault(kind);
        this.#logbook.excuse(broken, Number.POSITIVE_INFINITY);
        await run(target, broken);
        over();
        this.#logbook.excuse(broken, recovery);
        await sleep(breaks === undefined ? pause : recovery);
      }
      await sleep(Math.max(left(), 0));
    } finally {
      clearInterval(changing);
    }
  }

  /** Until each load has done its least. */
  async #catchUp(): Promise<void> {
    const { least, stall } = this.#plan;
    const until = performance.now() + stall;
    const isDone = ({ loads }: SoakProcess): boolean =>
      loads.length > 0 && loads.every(({ messages }) => messages >= least);
    while (!this.#isOver && !this.#clients.every(isDone)) {
      if (performance.now() > until) throw new Error(`a load has not done ${least} messages`);
      await sleep(100);
    }
  }

  #target(groups: readonly Group[]): Target {
    const portsOf = ({ ports, relays }: Group): number[] => [...Object.values(ports), ...Object.values(relays)];
    return {
      random: this.#random,
      network: this.#network,
      servers: this.#servers,
      clients: this.#clients,
      threaded: this.#servers[0] as SoakProcess,
      threadedPorts: portsOf(groups[0] as Group),
      victimPorts: portsOf(this.#victimGroup(groups)),
      ports: groups.flatMap(({ ports }) => Object.values(ports)),
      relays: groups.flatMap(({ relays }) => Object.values(relays)),
      idleTimeout: this.#plan.idleTimeout,
      killServer: (pause) => this.#killServer(groups, pause),
    };
  }

  #victimGroup(groups: readonly Group[]): Group {
    return groups[this.#native ? 0 : 2] as Group;
  }

  async #killServer(groups: readonly Group[], pause: number): Promise<void> {
    const victim = this.#victim as SoakProcess;
    await victim.kill();
    this.#servers.splice(this.#servers.indexOf(victim), 1);
    await sleep(pause);
    const { ports } = this.#victimGroup(groups);
    await this.#server('server, killed', { threads: 0, shared: this.#native, ports }, false);
  }

  /** Clients send no more, and wait for everything they have sent. */
  async #drain(): Promise<void> {
    const drained = this.#clients.map((client) => client.word('drained'));
    for (const client of this.#clients) client.tell({ order: 'drain' });
    const bound = new AbortController();
    const late = sleep(this.#plan.stall, undefined, { signal: bound.signal }).then(() => {
      throw new Error(`clients have not drained in ${this.#plan.stall} ms`);
    });
    await Promise.race([Promise.all(drained), late]).finally(() => bound.abort());
  }

  /** Until servers have no sessions left; all processes end by themselves. */
  async #settle(): Promise<void> {
    const until = performance.now() + this.#plan.idleTimeout + this.#plan.sampleEvery + PATIENCE;
    while (!this.#isOver) {
      await sleep(500);
      const sampled = this.#all().map((each) => each.word('sample'));
      for (const each of this.#all()) each.tell({ order: 'sample' });
      await Promise.all(sampled);
      if (this.#all().every((each) => each.samples.at(-1)?.sessions === 0)) break;
      if (performance.now() < until) continue;
      for (const each of this.#all()) {
        const { sessions = 0 } = each.samples.at(-1) ?? {};
        if (sessions > 0) this.#logbook.wrong(each.name, `${sessions} sessions are left`);
      }
      break;
    }
    await Promise.all(this.#all().map((each) => each.stop()));
  }
}

interface GoPart {
  /** Of the relay to kcp-go's server. */
  readonly port: number;
  readonly clients: GoClients;
  stop(): Promise<void>;
}

/** One more load, with kcp-go's server. */
function withGo(loads: LoadSpec[], port: number | undefined): LoadSpec[] {
  if (port === undefined) return loads;
  return [...loads, { ...KINDS.web, kind: 'to kcp-go', id: 99, profile: 'aes-fec', port }];
}

function shuffled<T>(items: readonly T[], random: () => number): T[] {
  const left = [...items];
  return items.map(() => left.splice(Math.floor(random() * left.length), 1)[0] as T);
}
