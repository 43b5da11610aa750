import type { Arguments } from '../machine';
import type { Value } from '../values';

/** A function of TensorFlow as one of `keras.ops`. @property names of the parameters there, in the order of TensorFlow's. */
interface Spelling {
  readonly path: string;
  readonly names: readonly string[];
}

const PAIR = ['x1', 'x2'];
const REDUCED = ['x', 'axis', 'keepdims'];
const AXIS = ['x', 'axis'];

/** Those whose parameters differ, by the name after `tf.`, `tf.math.` and `tf.nn.`. */
const SPELLINGS: Readonly<Record<string, readonly [name: string, names: readonly string[]]>> = {
  add: ['add', PAIR],
  subtract: ['subtract', PAIR],
  multiply: ['multiply', PAIR],
  divide: ['divide', PAIR],
  maximum: ['maximum', PAIR],
  minimum: ['minimum', PAIR],
  pow: ['power', PAIR],
  matmul: ['matmul', PAIR],
  reshape: ['reshape', ['x', 'newshape']],
  concat: ['concatenate', ['xs', 'axis']],
  stack: ['stack', AXIS],
  reduce_mean: ['mean', REDUCED],
  reduce_sum: ['sum', REDUCED],
  reduce_max: ['max', REDUCED],
  reduce_min: ['min', REDUCED],
  reduce_prod: ['prod', REDUCED],
  expand_dims: ['expand_dims', AXIS],
  squeeze: ['squeeze', AXIS],
  transpose: ['transpose', ['x', 'axes']],
  tile: ['tile', ['x', 'repeats']],
  cast: ['cast', ['x', 'dtype']],
  softmax: ['softmax', AXIS],
  l2_normalize: ['normalize', AXIS],
  clip_by_value: ['clip', ['x', 'x_min', 'x_max']],
  shape: ['shape', ['x']],
};

/** Functions of one tensor that keep its shape. */
const SAME = new Set(
  'relu relu6 elu selu gelu silu sigmoid tanh softplus exp log sqrt rsqrt square abs sin cos sign leaky_relu swish ones_like zeros_like'.split(
    ' ',
  ),
);

/** `null` for a function that is not followed. */
export function asKerasOperation(path: string): Spelling | null {
  const [, name = ''] = /^tensorflow\.(?:math\.|nn\.)?(\w+)$/.exec(path) ?? [];
  const known = SPELLINGS[name];
  if (Object.hasOwn(SPELLINGS, name) && known !== undefined)
    return { path: `keras.ops.${known[0]}`, names: known[1] };
  return SAME.has(name) ? { path: `keras.ops.${name === 'swish' ? 'silu' : name}`, names: ['x'] } : null;
}

/** TensorFlow's own names of the first parameter. */
const FIRST = new Set('input input_tensor a x tensor values value logits features'.split(' '));
const SECOND: Readonly<Record<string, string>> = {
  perm: 'axes',
  shape: 'newshape',
  b: 'x2',
  y: 'x2',
  multiples: 'repeats',
};

/** The arguments by Keras's names; `null` where one of them is not followed. */
export function kerasArguments(
  { names }: Spelling,
  { positional, named, isOpen }: Arguments,
): Arguments | null {
  const [first = 'x'] = names;
  const given = new Map<string, Value>();
  for (const [i, value] of positional.entries()) {
    const name = names[i];
    if (name === undefined) return null;
    given.set(name, value);
  }
  for (const [name, value] of named) {
    if (name === 'name') continue;
    const known = names.includes(name) ? name : (SECOND[name] ?? (FIRST.has(name) ? first : ''));
    if (!names.includes(known) || given.has(known)) return null;
    given.set(known, value);
  }
  return { positional: [], named: given, isOpen };
}
