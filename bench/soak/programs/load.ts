// One load: records that go to a server and come back, in one session after another, whatever becomes of these. What a session
// that failed has left open is sent again in the next, from the first record that has not come back.

import { setTimeout as sleep } from 'node:timers/promises';
import { firstValueFrom } from 'rxjs';
import { connect, RxkcpError, type Session } from 'rxkcp';
import { seededRandom } from '../../../examples/relay/random.ts';
import type { LoadSpec } from '../loads.ts';
import { hasFec, keepsBorders, optionsOf } from '../profiles.ts';
import type { ClientSettings, LoadTotals } from '../words.ts';
import { ENDS, type End } from './ends.ts';
import { Echo, EchoError, Records } from './records.ts';

/** Records that may be on their way at a time. */
const OUTSTANDING = 200;
/** ms before the next session, when one has failed, at most. */
const PAUSE = 500;
/** ms between datagrams out of band. */
const OOB_EVERY = 250;

/** Where a load tells what happens to it. */
export interface Listener {
  failed(load: string, port: number, code: string): void;
  wrong(message: string): void;
}

export class Load {
  readonly totals: LoadTotals;
  readonly #name: string;
  readonly #spec: LoadSpec;
  readonly #settings: ClientSettings;
  readonly #listener: Listener;
  readonly #records: Records;
  readonly #echo: Echo;
  readonly #random: () => number;
  #session: Session | undefined = undefined;
  #draining = false;
  /** Number of the record that no session has been given yet. */
  #unsent = 0;
  #wake = (): void => {};
  /** ms of `performance.now()`: the last echo. */
  #heardAt = performance.now();
  /** ms of `performance.now()`: when the next record is due. */
  #dueAt = performance.now();

  constructor(spec: LoadSpec, settings: ClientSettings, listener: Listener) {
    this.#name = `${spec.kind} ${spec.id} (${spec.profile})`;
    this.#spec = spec;
    this.#settings = settings;
    this.#listener = listener;
    this.#records = new Records(settings.seed, spec.id, spec.sizes);
    this.#echo = new Echo(this.#records, spec.id, keepsBorders(spec.profile));
    this.#random = seededRandom(settings.seed, spec.id, 1);
    const counts = { messages: 0, bytes: 0, lost: 0, duplicates: 0, sessions: 0, oobSent: 0, oobReceived: 0 };
    this.totals = { id: spec.id, kind: spec.kind, ...counts, failed: {} };
  }

  /** Resolves when everything that was sent has come back, after `drain`. */
  async run(): Promise<void> {
    while (!(await this.#converse())) await sleep(this.#random() * PAUSE);
  }

  /** Sends no more, but what a session that has failed still owes. */
  drain(): void {
    this.#draining = true;
    this.#wake();
  }

  /** Closes the session at once, whatever it is doing. */
  drop(): void {
    this.#session?.close();
  }

  /** Says so when nothing has come back for too long. */
  watch(): void {
    const silence = performance.now() - this.#heardAt;
    if (silence < this.#settings.stall) return;
    this.#heardAt = performance.now();
    const state = this.#session === undefined ? 'no session' : JSON.stringify(this.#session.stats());
    this.#listener.wrong(`${this.#name}: no echo of record ${this.#echo.next} for ${Math.round(silence)} ms; ${state}`);
  }

  /** One session. @returns whether all is done. */
  #converse(): Promise<boolean> {
    const { profile, port } = this.#spec;
    return new Promise((resolve) => {
      const dialling = connect({ port, ...optionsOf(profile, this.#settings.idleTimeout) }).subscribe({
        next: async (session) => {
          this.totals.sessions++;
          this.#session = session;
          const over = firstValueFrom(session.closed$);
          session.closed$.subscribe(() => this.#wake());
          const isDone = await this.#talk(session);
          dialling.unsubscribe();
          const { reason, error } = await over;
          this.#session = undefined;
          if (reason === 'failed') this.#fail(error);
          else if (reason === 'peer') this.#listener.wrong(`${this.#name}: ended by its peer`);
          resolve(isDone);
        },
        error: (error) => {
          this.#fail(error);
          resolve(false);
        },
      });
    });
  }

  async #talk(session: Session): Promise<boolean> {
    const take = (bytes: Uint8Array): void => this.#take(session, bytes);
    const end = ENDS[this.#spec.use](session, take);
    const stopOob = hasFec(this.#spec.profile) && this.#spec.kind === 'small' ? this.#talkOob(session) : undefined;
    this.#echo.restart();
    const first = this.#echo.next;
    try {
      const sent = await this.#send(session, end, first);
      while (!session.closed && this.#echo.next < sent) await this.#change();
      if (session.closed) return false;
      clearInterval(stopOob);
      // Of short ones, some leave without a word.
      if (this.#spec.perSession === undefined || this.#random() < 0.75) await end.finish();
      return this.#draining && this.#echo.next >= this.#unsent;
    } catch (error) {
      // A write of a session that has ended meanwhile.
      if (!session.closed) this.#listener.wrong(`${this.#name}: ${error}`);
      return false;
    } finally {
      clearInterval(stopOob);
    }
  }

  /** @returns the number of the record that was not sent any more. */
  async #send(session: Session, end: End, first: number): Promise<number> {
    const last = first + (this.#spec.perSession ?? Number.POSITIVE_INFINITY);
    let number = first;
    while (!session.closed && number < (this.#draining ? Math.min(last, this.#unsent) : last)) {
      if (number - this.#echo.next >= OUTSTANDING) {
        await this.#change();
        continue;
      }
      const now = performance.now();
      if (this.#dueAt > now && !this.#draining) {
        await sleep(Math.min(this.#dueAt - now, 1000));
        continue;
      }
      // What was missed is not made up for.
      this.#dueAt = Math.max(this.#dueAt + this.#spec.every * (0.5 + this.#random()), now - 1000);
      const record = this.#records.record(number++);
      this.#unsent = Math.max(this.#unsent, number);
      await end.write(record);
    }
    return number;
  }

  #take(session: Session, bytes: Uint8Array): void {
    if (session !== this.#session || session.closed) return;
    try {
      this.totals.messages += this.#echo.take(bytes);
      this.totals.bytes += bytes.length;
      this.#heardAt = performance.now();
    } catch (error) {
      const { lost = 0, duplicates = 0 } = error instanceof EchoError ? error : {};
      this.totals.lost += lost;
      this.totals.duplicates += duplicates;
      this.#listener.wrong(`${this.#name}: ${error}`);
      session.close();
    }
    this.#wake();
  }

  #talkOob(session: Session): NodeJS.Timeout {
    session.oob$.subscribe(() => {
      this.totals.oobReceived++;
    });
    return setInterval(() => {
      if (session.closed) return;
      session.sendOob(Uint8Array.of(1, 2, 3));
      this.totals.oobSent++;
    }, OOB_EVERY);
  }

  #fail(error: unknown): void {
    const code = error instanceof RxkcpError ? error.code : String(error);
    this.totals.failed[code] = (this.totals.failed[code] ?? 0) + 1;
    this.#listener.failed(this.#name, this.#spec.port, code);
  }

  /** Until something has come, the session has ended, or no more is to be sent. */
  #change(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }
}
