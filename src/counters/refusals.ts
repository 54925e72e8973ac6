// What servers of this process did not do, for datagrams whose sender had proven nothing. kcp-go has no counters for it.

/** Counts of what servers refused or withheld. */
export class Refusals {
  /** Challenges sent: to openers of strangers, to new addresses, to sessions whose address is not proven. */
  challenges = 0;
  /** Challenges of strangers and of new addresses that were answered. */
  answers = 0;
  /** Openers answered by a challenge, of which nothing else was kept. */
  openersChallenged = 0;
  /** Openers refused because all sessions were in use, or the server was closing. */
  openersRefused = 0;
  /** Openers dropped because their network began too many sessions (`maxNewSessions`). */
  openersLimited = 0;
  /** Openers and bursts of strangers that were dropped because more came than could be handled. */
  strangersDropped = 0;
  /** Sessions ended to make room for others, or because their address was never proven. */
  unprovenEnded = 0;
  /** Datagrams withheld from addresses that were not proven. */
  datagramsWithheld = 0;
  /** Sessions ended because too many bytes waited to be sent. */
  sendQueuesFull = 0;
  /** Sessions ended because too many bytes waited to be read. */
  receiveQueuesFull = 0;
  /** Sessions that followed their peer to another address. */
  moves = 0;
}

let counts = new Refusals();

/** To be counted in. */
export function refusalCounters(): Refusals {
  return counts;
}

/** What all servers of this process have refused or withheld so far. */
export function refusals(): Readonly<Refusals> {
  return { ...counts };
}

/** Sets all of it to zero. */
export function resetRefusals(): void {
  counts = new Refusals();
}
