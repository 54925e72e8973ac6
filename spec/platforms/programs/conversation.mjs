// A conversation in memory with each kind of cipher, and FEC.
import { aes256, aesGcm, connect, memoryPair, none, salsa20, twofish } from 'rxkcp';

const key = new Uint8Array(32).fill(7);

/** Sends a message and waits for its echo. */
function echo(cipher) {
  const [near, far] = memoryPair();
  const options = { cipher, fec: { data: 3, parity: 1 }, conv: 1, mode: 'fast3' };
  connect({ ...options, link: far }).subscribe((session) => session.subscribe(session));
  return new Promise((resolve, reject) => {
    connect({ ...options, link: near }).subscribe((session) => {
      session.subscribe({
        next: (message) => {
          session.close();
          resolve(message);
        },
        error: reject,
      });
      session.next(new Uint8Array(5000).fill(3));
    });
  });
}

/** The names of the ciphers that worked. */
export async function converse() {
  const worked = [];
  for (const [name, make] of Object.entries({ aesGcm, salsa20, aes256, twofish, none })) {
    const message = await echo(make(key));
    if (message.length === 5000 && message.every((byte) => byte === 3)) worked.push(name);
  }
  return worked.join(' ');
}
