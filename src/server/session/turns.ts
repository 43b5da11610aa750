/** Work that must not overlap: one piece at a time, in the order in which it was asked for. */
export class Turns {
  private last: Promise<unknown> = Promise.resolve();

  /** Does `work` when everything before it has ended, however it ended. */
  take<T>(work: () => Promise<T> | T): Promise<T> {
    const mine = this.last.then(work);
    this.last = mine.catch(() => {});
    return mine;
  }
}
