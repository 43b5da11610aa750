import type { Arguments } from '../machine';
import { itemsOf, type Tensor, type Value } from '../values';
import { sizesOf } from './input';

/** Arrays that the program makes: they have a shape and are constants of a model's graph. */
export function eagerArray(path: string, { positional, named }: Arguments): Tensor | null {
  const first = positional[0] ?? named.get('shape');
  switch (path.replace(/^(?:keras\.ops|keras|tensorflow|numpy)\./, '')) {
    case 'arange':
    case 'range':
      return lengthOf(positional, named);
    case 'zeros':
    case 'ones':
    case 'backend.random_normal':
    case 'random.normal':
    case 'random.uniform': {
      const shape = (first && sizesOf(first)) ?? null;
      return shape === null || path.startsWith('numpy.random') ? null : array(shape);
    }
    case 'array':
    case 'constant':
    case 'convert_to_tensor': {
      if (first?.kind === 'tensor') return first.isEager ? first : null;
      const shape = first === undefined ? null : nestedSizes(first);
      return shape === null ? null : array(shape);
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

/** The shape of numbers in lists in lists; `null` where it is not known. */
function nestedSizes(value: Value): readonly number[] | null {
  if (value.kind === 'number') return [];
  const items = itemsOf(value);
  if (items === null || items.length === 0) return null;
  const inner = items.map(nestedSizes);
  const [first] = inner;
  const isEven = inner.every(
    (sizes) => sizes?.length === first?.length && sizes?.every((size, i) => size === first?.[i]),
  );
  return first && isEven ? [items.length, ...first] : null;
}

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
