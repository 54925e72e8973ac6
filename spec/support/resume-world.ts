// Connections for resumable sessions, in virtual time: with a delay, cut wherever a spec wants.

import { AsyncSubject, Observable, Subject, type Subscription, type Unsubscribable } from 'rxjs';
import {
  type ResumableOptions,
  type ResumableSession,
  type ResumeConnection,
  type ResumedOptions,
  resumable,
  resumed,
} from 'rxkcp/resume';
import { VirtualScheduler } from 'rxkcp/testing';
import { decodeFrame, type ResumeFrame } from '../../src/core/resume/frame.ts';
import { seeded } from './random.ts';

type Side = 'client' | 'server';

/** A frame on its way. */
export interface Passing {
  readonly from: Side;
  readonly frame: ResumeFrame;
  readonly bytes: Uint8Array;
  readonly wire: Wire;
  /** How many frames have left before it, over all connections. */
  readonly index: number;
}

/** What becomes of a frame: the connection ends before it arrives, or when it has. */
export type Fate = 'cut' | 'cut behind' | undefined;

class WireEnd implements ResumeConnection {
  readonly closed$ = new AsyncSubject<void>();
  readonly #wire: Wire;
  readonly #side: Side;
  readonly received = new Subject<Uint8Array>();
  isOver = false;

  constructor(wire: Wire, side: Side) {
    this.#wire = wire;
    this.#side = side;
  }

  subscribe(observer: Parameters<ResumeConnection['subscribe']>[0]): Unsubscribable {
    return this.received.subscribe(observer);
  }

  next(message: Uint8Array): void {
    if (!this.isOver) this.#wire.carry(this.#side, new Uint8Array(message));
  }

  complete(): void {
    if (this.isOver) return;
    this.end();
    this.#wire.finish(this.#side);
  }

  end(error?: unknown): void {
    if (this.isOver) return;
    this.isOver = true;
    if (error === undefined) this.received.complete();
    else this.received.error(error);
    this.closed$.next();
    this.closed$.complete();
  }
}

/** One connection. */
export class Wire {
  readonly client = new WireEnd(this, 'client');
  readonly server = new WireEnd(this, 'server');
  readonly #world: ResumeWorld;
  #isCut = false;

  constructor(world: ResumeWorld) {
    this.#world = world;
  }

  /** Ends it: what is on its way is lost. The ends notice after some ms; Infinity is never. */
  cut(client = 0, server = 0): void {
    this.#isCut = true;
    const { scheduler } = this.#world;
    scheduler.schedule(() => this.client.end(new Error('cut')), client);
    scheduler.schedule(() => this.server.end(new Error('cut')), server);
  }

  carry(from: Side, bytes: Uint8Array): void {
    if (this.#isCut) return;
    const fate = this.#world.pass(this, from, bytes);
    if (fate === 'cut') {
      this.cut();
      return;
    }
    this.#later(() => {
      this.#other(from).received.next(bytes);
      if (fate === 'cut behind') this.cut();
    });
  }

  finish(from: Side): void {
    this.#later(() => this.#other(from).end());
  }

  #other(side: Side): WireEnd {
    return side === 'client' ? this.server : this.client;
  }

  #later(work: () => void): void {
    this.#world.scheduler.schedule(() => {
      if (!this.#isCut) work();
    }, this.#world.delay);
  }
}

/** A server of a {@link ResumeWorld}. */
export interface WorldServer {
  readonly sessions: ResumableSession[];
  readonly subscription: Subscription;
  accept(wire: Wire): void;
}

/** Clients, servers, and the connections between them. */
export class ResumeWorld {
  readonly scheduler = new VirtualScheduler();
  readonly wires: Wire[] = [];
  readonly frames: Passing[] = [];
  /** What reached the end of an Observable of sessions. */
  readonly ends: unknown[] = [];
  /** ms that a frame takes. */
  delay = 5;
  /** Where clients come to; undefined is nowhere. */
  target: WorldServer | undefined;
  fate: (passing: Passing) => Fate = () => undefined;
  #random = seeded(1);

  readonly random = (target: Uint8Array): void => {
    for (let i = 0; i < target.length; i++) target[i] = Math.floor(this.#random() * 256);
  };

  pass(wire: Wire, from: Side, bytes: Uint8Array): Fate {
    const passing = { wire, from, bytes, frame: decodeFrame(bytes), index: this.frames.length };
    this.frames.push(passing);
    return this.fate(passing);
  }

  /** A server; the newest is where clients come to. */
  server(options: ResumedOptions = {}, opened: (session: ResumableSession) => void = () => {}): WorldServer {
    const { scheduler, random } = this;
    const connections = new Subject<ResumeConnection>();
    const sessions: ResumableSession[] = [];
    const subscription = connections.pipe(resumed({ scheduler, random, ...options })).subscribe({
      next: (session) => {
        sessions.push(session);
        opened(session);
      },
      error: (error) => this.ends.push(error),
    });
    this.target = { sessions, subscription, accept: (wire) => connections.next(wire.server) };
    return this.target;
  }

  /** How clients dial. */
  readonly dial = new Observable<ResumeConnection>((subscriber) => {
    if (!this.target) {
      subscriber.error(new Error('no server'));
      return;
    }
    const wire = new Wire(this);
    this.wires.push(wire);
    this.target.accept(wire);
    subscriber.next(wire.client);
    subscriber.add(() => wire.client.complete());
  });

  /** A client, and its session once it is there. */
  client(options: ResumableOptions = {}, opened: (session: ResumableSession) => void = () => {}): WorldClient {
    const { scheduler, random } = this;
    const reconnect = { first: 10, most: 100, random: () => 0.5, ...options.reconnect };
    const client: WorldClient = { session: undefined, end: undefined, subscription: undefined as never };
    const subscription = resumable(this.dial, { scheduler, random, ...options, reconnect }).subscribe({
      next: (session) => {
        client.session = session;
        opened(session);
      },
      error: (error) => {
        client.end = error;
      },
      complete: () => {
        client.end = 'complete';
      },
    });
    return Object.assign(client, { subscription });
  }

  /** Lets ms pass. */
  run(ms: number): void {
    this.scheduler.run(this.scheduler.now() + ms);
  }

  /** The connection that was made last. */
  get wire(): Wire {
    return this.wires.at(-1) as Wire;
  }
}

/** What has become of a client. */
export interface WorldClient {
  session: ResumableSession | undefined;
  /** What the Observable ended with. */
  end: unknown;
  subscription: Subscription;
}
