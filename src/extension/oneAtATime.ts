/**
 * Work of which only one is under way for each key, e.g. asking for the input of a model whose page is about to open:
 * a second click meanwhile waits for the first and starts nothing.
 */
export class OneAtATime {
  private readonly underWay = new Map<string, Promise<void>>();

  /** @returns true when `work` was done, false when it was waited for other work with that key */
  async run(key: string, work: () => Promise<void>): Promise<boolean> {
    const other = this.underWay.get(key);
    if (other !== undefined) {
      await other.catch(() => undefined);
      return false;
    }
    const mine = work();
    this.underWay.set(key, mine);
    try {
      await mine;
      return true;
    } finally {
      this.underWay.delete(key);
    }
  }
}
