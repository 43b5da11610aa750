import { sizesOf } from '../keras/structure';
import type { Arguments } from '../machine';
import { itemsOf, type Tensor, tuple, UNKNOWN, type Value } from '../values';

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
      if (!path.startsWith('numpy.random')) return shape === null ? null : array(shape);
      const size = named.get('size');
      const sizes = (size && sizesOf(size)) ?? null;
      return sizes === null ? null : array(sizes);
    }
    case 'array':
    case 'constant':
    case 'convert_to_tensor': {
      if (first?.kind === 'tensor') return first.isEager ? first : null;
      const shape = first === undefined ? null : nestedSizes(first);
      return shape === null ? null : array(shape);
    }
    case 'random.random':
    case 'random.random_sample':
    case 'random.randint': {
      const size = named.get('size') ?? (path.endsWith('randint') ? positional[2] : positional[0]);
      const shape = (size && sizesOf(size)) ?? null;
      return shape === null || !path.startsWith('numpy.') ? null : array(shape);
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

/** The arrays that `load_data` of a module in `keras.datasets` gives, as shapes: of training and of test, each inputs and labels. */
const DATASETS: Readonly<Record<string, readonly [number[], number[], number[], number[]]>> = {
  mnist: [[60_000, 28, 28], [60_000], [10_000, 28, 28], [10_000]],
  fashion_mnist: [[60_000, 28, 28], [60_000], [10_000, 28, 28], [10_000]],
  cifar10: [
    [50_000, 32, 32, 3],
    [50_000, 1],
    [10_000, 32, 32, 3],
    [10_000, 1],
  ],
  cifar100: [
    [50_000, 32, 32, 3],
    [50_000, 1],
    [10_000, 32, 32, 3],
    [10_000, 1],
  ],
};

/** `keras.datasets.mnist.load_data()`; `null` for another path. */
export function loadedData(path: string): Value | null {
  const [, name = ''] = /^keras\.datasets\.(\w+)\.load_data$/.exec(path) ?? [];
  const shapes = Object.hasOwn(DATASETS, name) ? DATASETS[name] : undefined;
  if (shapes === undefined) return null;
  const [x, y, testX, testY] = shapes.map(array);
  if (!x || !y || !testX || !testY) return null;
  return tuple([tuple([x, y]), tuple([testX, testY])]);
}

/** `keras.utils.to_categorical(labels, classes)`: one more axis; a last one of size 1 goes. */
export function oneHot({ positional, named }: Arguments): Value {
  const labels = positional[0] ?? named.get('x');
  const classes = positional[1] ?? named.get('num_classes');
  if (labels?.kind !== 'tensor' || !labels.isEager || labels.shape === null) return UNKNOWN;
  const count = classes?.kind === 'number' && !classes.isFloat ? classes.value : null;
  const isColumn = labels.shape.length > 1 && labels.shape.at(-1) === 1;
  return array([...(isColumn ? labels.shape.slice(0, -1) : labels.shape), count]);
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
