import type { Walks } from '../explain/explain';
import { BackwardWalk, type Seed } from '../run/backward';
import type { RectifierRule } from '../run/rectifierRules';
import type { Trace } from '../run/trace';

const MAX_WALKS = 4;

/** Backward walks through one trace; only the newest few are kept. */
export class RecentWalks implements Walks {
  private readonly walks = new Map<string, BackwardWalk>();

  constructor(private readonly trace: Trace) {}

  get(key: string, rule: RectifierRule, seed: () => Seed): BackwardWalk {
    const known = this.walks.get(key);
    if (known) return known;
    const walk = new BackwardWalk(this.trace, seed(), rule);
    this.walks.set(key, walk);
    const [oldest] = this.walks.keys();
    if (this.walks.size > MAX_WALKS && oldest !== undefined) {
      this.walks.get(oldest)?.dispose();
      this.walks.delete(oldest);
    }
    return walk;
  }

  get bytes(): number {
    return [...this.walks.values()].reduce((sum, walk) => sum + walk.bytes, 0);
  }

  dispose(): void {
    for (const walk of this.walks.values()) walk.dispose();
    this.walks.clear();
  }
}
