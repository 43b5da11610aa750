import type { MethodId, MethodInfo } from '../shared/explanation';

/** The method that a page goes on with: the one it has where that `usesLayer` or not as wanted, else the first that does. */
export function methodFor(
  methods: readonly MethodInfo[],
  usesLayer: boolean,
  current?: MethodId,
): MethodId | undefined {
  const fitting = methods.filter((method) => method.usesLayer === usesLayer);
  return (fitting.find(({ id }) => id === current) ?? fitting[0])?.id;
}
