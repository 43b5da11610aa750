/** The shortest ends of two paths that tell them apart: `model.h5` and `model.keras`, `a/model.json` and `b/model.json`. */
export function namesOf(a: string, b: string): readonly [string, string] {
  const [one, other] = [a.split(/[\\/]/), b.split(/[\\/]/)];
  const end = (parts: readonly string[], length: number): string => parts.slice(-length).join('/');
  const longest = Math.max(one.length, other.length);
  for (let length = 1; length <= longest; length++) {
    if (end(one, length) !== end(other, length)) return [end(one, length), end(other, length)];
  }
  return [end(one, 1), end(other, 1)];
}
