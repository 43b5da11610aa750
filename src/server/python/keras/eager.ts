import type { Arguments } from '../machine';
import type { Tensor, Value } from '../values';
import { sizesOf } from './input';

/** Arrays that the program makes: they have a shape and are constants of a model's graph. */
export function eagerArray(path: string, { positional, named }: Arguments): Tensor | null {
  const [first] = positional;
  switch (path.replace(/^(?:keras\.ops|tensorflow|numpy)\./, '')) {
    case 'arange':
    case 'range':
      return lengthOf(positional, named);
    case 'zeros':
    case 'ones':
    case 'random.normal':
    case 'random.uniform': {
      const shape = (first && sizesOf(first)) ?? null;
      return shape === null || path.startsWith('numpy.random') ? null : array(shape);
    }
    case 'random.rand':
    case 'random.randn': {
      const sizes = sizesOf({ kind: 'tuple', items: positional });
      return sizes === null ? null : array(sizes);
    }
    default:
      return null;
  }
}

const array = (shape: readonly (number | null)[]): Tensor => ({
  kind: 'tensor',
  shape,
  origin: null,
  output: 0,
  isEager: true,
});

function lengthOf(positional: readonly Value[], named: ReadonlyMap<string, Value>): Tensor | null {
  const bounds = [
    ...positional,
    ...['start', 'stop', 'limit', 'step', 'delta'].flatMap((name) => named.get(name) ?? []),
  ];
  const numbers = bounds.flatMap((bound) => (bound.kind === 'number' && !bound.isFloat ? [bound.value] : []));
  if (numbers.length !== bounds.length || bounds.length === 0 || bounds.length > 3) return null;
  const [a = 0, b, step = 1] = numbers;
  const count = Math.ceil(b === undefined ? a : (b - a) / step);
  return count >= 0 && Number.isFinite(count) ? array([count]) : null;
}
