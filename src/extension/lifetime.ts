import type { Disposable } from 'vscode';

/**
 * Owns what has to go with a page, an editor or the window. What is handed over too late, because an answer was
 * waited for while its owner was closed, is disposed of at once, so nothing outlives its owner.
 */
export class Lifetime implements Disposable {
  private readonly owned = new Set<Disposable>();
  private over = false;

  get ended(): boolean {
    return this.over;
  }

  /** Takes charge of a value and gives it back. */
  own<T extends Disposable>(value: T): T {
    if (this.over) value.dispose();
    else this.owned.add(value);
    return value;
  }

  /** Disposes of one owned value before the rest. */
  release(value: Disposable): void {
    if (this.owned.delete(value)) value.dispose();
  }

  /** Disposes of everything, last come first. */
  dispose(): void {
    this.over = true;
    const owned = [...this.owned].reverse();
    this.owned.clear();
    for (const value of owned) value.dispose();
  }
}
