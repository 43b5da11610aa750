interface Numbers {
  readonly length: number;
  [index: number]: number;
}

/**
 * `Type.from(values, f)` into an array of that type. `from` with a function makes a list of all values first: 40 bytes for
 * each, where a Float32Array has 4.
 */
export function mapInto<Result extends Numbers, Value>(
  into: Result,
  values: ArrayLike<Value>,
  f: (value: Value, index: number) => number,
): Result {
  for (let i = 0; i < into.length; i++) {
    const value = values[i];
    if (value !== undefined) into[i] = f(value, i);
  }
  return into;
}
