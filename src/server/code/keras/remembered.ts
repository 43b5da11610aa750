/** More is forgotten: texts change. */
const MAX_VALUES = 500;

/** What was worked out of something, by a key that says how. Most of a program is as it was before the last edit. */
export class Remembered<Owner extends object, Value> {
  private readonly byOwner = new WeakMap<Owner, Map<string, Value>>();

  /** @param key `null` where the value depends on more. @param lasts whether a value depends on nothing else. */
  get(owner: Owner, key: string | null, make: () => Value, lasts: (value: Value) => boolean): Value {
    if (key === null) return make();
    const known = this.byOwner.get(owner) ?? new Map<string, Value>();
    const found = known.get(key);
    if (found !== undefined) return found;
    const made = make();
    if (!lasts(made)) return made;
    if (known.size >= MAX_VALUES) known.clear();
    known.set(key, made);
    this.byOwner.set(owner, known);
    return made;
  }
}
