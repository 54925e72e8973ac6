// What messages of a swarm contain: bytes unlike those of other messages, and unlike themselves elsewhere.

/** Message `index` of the session `talk` of a run with `seed`: the same bytes each time. */
export function contentOf(seed: number, talk: number, index: number, length: number): Uint8Array {
  const words = new Int32Array((length + 3) >> 2);
  let state =
    (Math.imul(seed | 1, 0x9e3779b1) + Math.imul(talk + 1, 0x85ebca6b) + Math.imul(index + 1, 0xc2b2ae35)) | 0;
  for (let i = 0; i < words.length; i++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
    const mixed = Math.imul(state ^ (state >>> 15), 0x2c1b3c6d);
    words[i] = mixed ^ (mixed >>> 12);
  }
  return new Uint8Array(words.buffer, 0, length);
}
