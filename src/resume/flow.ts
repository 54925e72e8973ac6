// Whether a session delivers, as `Demand` says.

export class Flow {
  isPaused = true;
  /** Called when that may have changed, or when a reader may have left. */
  changed = (): void => {};

  pause(): void {
    this.isPaused = true;
    this.changed();
  }

  resume(): void {
    if (!this.isPaused) return;
    this.isPaused = false;
    this.changed();
  }
}
