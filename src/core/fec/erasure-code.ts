// What the layers above FEC see of a code.

/**
 * Systematic Reed-Solomon erasure code over GF(2^8), with the matrix that klauspost/reedsolomon makes by default: any `data`
 * of the data + parity shards of a group tell the data. Works for any number of groups; keeps no view of its callers, and
 * nothing of a group, between calls.
 */
export interface ReedSolomon {
  /** Data shards of a group, 1 … 255. */
  readonly data: number;
  /** Parity shards of a group, 1 … 255; with the data shards 256 at most. */
  readonly parity: number;

  /**
   * Writes the parity of one group.
   *
   * @param shards The `data` data shards, in order, each at most as long as a parity shard; those that are shorter count as
   * padded with zeros. They are only read.
   * @param parity `parity` views of equal length, which are overwritten. They must not overlap the data or one another.
   * @param skip Bytes in front of each of them, data and parity, that belong to no shard: they are left as they are. Default 0.
   * @throws OptionError naming `shards` or `parity`, when there are too few or too many, or lengths do not fit.
   */
  encode(shards: readonly Uint8Array[], parity: readonly Uint8Array[], skip?: number): void;

  /**
   * Rebuilds the data shards that are missing from one group.
   *
   * @param shards A place for each of the data + parity shards, in order: `undefined` where one is lost, at least `data` of
   * them filled, of which the first `data` are used. Those that are shorter than the rebuilt ones count as padded with
   * zeros. They are only read.
   * @param lost One view for each missing data shard, in ascending order, all of equal length, which is that of the longest
   * shard or more. They are overwritten, and must not overlap the shards or one another.
   * @throws OptionError naming `shards` or `lost`, when there are too few or too many, or lengths do not fit.
   */
  rebuild(shards: readonly (Uint8Array | undefined)[], lost: readonly Uint8Array[]): void;
}
