/**
 * Runs at most one task per key at a time, e.g. picking the input of a model whose page is about to open: a second click
 * waits for the first task and starts none.
 */
export class SingleFlight {
  private readonly inFlight = new Map<string, Promise<void>>();

  /** @returns true when `work` was run, false when a running task with that key was awaited instead */
  async run(key: string, work: () => Promise<void>): Promise<boolean> {
    const other = this.inFlight.get(key);
    if (other !== undefined) {
      await other.catch(() => undefined);
      return false;
    }
    const mine = work();
    this.inFlight.set(key, mine);
    try {
      await mine;
      return true;
    } finally {
      this.inFlight.delete(key);
    }
  }
}
