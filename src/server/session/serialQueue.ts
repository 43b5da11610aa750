/** Runs tasks one at a time, in the order in which they were added. */
export class SerialQueue {
  private last: Promise<unknown> = Promise.resolve();

  /** Runs `work` after everything before it has settled. */
  run<T>(work: () => Promise<T> | T): Promise<T> {
    const mine = this.last.then(work);
    this.last = mine.catch(() => {});
    return mine;
  }
}
