import type { Disposable } from 'vscode';

/**
 * Owns the disposables of a page, an editor or the window. A disposable that is added after the end, because its owner was
 * closed while a request was running, is disposed of immediately, so that nothing outlives its owner.
 */
export class Lifetime implements Disposable {
  private readonly owned = new Set<Disposable>();
  private over = false;

  get ended(): boolean {
    return this.over;
  }

  /** Takes ownership of a value and returns it. */
  own<T extends Disposable>(value: T): T {
    if (this.over) value.dispose();
    else this.owned.add(value);
    return value;
  }

  /** Disposes of one owned value early. */
  release(value: Disposable): void {
    if (this.owned.delete(value)) value.dispose();
  }

  /** Disposes of everything in reverse order. */
  dispose(): void {
    this.over = true;
    const owned = [...this.owned].reverse();
    this.owned.clear();
    for (const value of owned) value.dispose();
  }
}
