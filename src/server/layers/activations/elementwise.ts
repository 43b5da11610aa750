import type { LayerConfig } from '../../graph/layerConfig';
import type { Activation, Tensor, TF } from '../kind';
import { above, below, blend } from './comparisons';

/** An elementwise function: `y = f(x)` and its derivative `f'(x)`, both without overflow in float32. */
interface Formula {
  value(tf: TF, x: Tensor): Tensor;
  slope(tf: TF, x: Tensor, y: Tensor): Tensor;
}

const SELU_ALPHA = 1.6732632423543772;
const SELU_SCALE = 1.0507009873554805;
const SQRT_HALF = Math.SQRT1_2;
const INV_SQRT_2PI = 0.3989422804014327;
const SQRT_2_OVER_PI = 0.7978845608028654;
const GELU_CUBIC = 0.044715;

/** 1 in the open interval, 0 elsewhere. */
const between = (tf: TF, x: Tensor, low: number, high: number): Tensor =>
  tf.mul(above(tf, x, low), below(tf, x, high));

/** 1 in the closed interval, 0 elsewhere. */
const within = (tf: TF, x: Tensor, low: number, high: number): Tensor =>
  tf.mul(tf.sub(1, below(tf, x, low)), tf.sub(1, above(tf, x, high)));

/** x above 0, `alpha * (e^x - 1)` below. */
const exponentialUnit = (alpha: number): Formula => ({
  value: (tf, x) => (alpha === 1 ? tf.elu(x) : tf.where(tf.greater(x, 0), x, tf.mul(tf.elu(x), alpha))),
  slope: (tf, x, y) => blend(tf, above(tf, x, 0), 1, tf.add(y, alpha)),
});

const hardSigmoid = (tf: TF, x: Tensor): Tensor => tf.div(tf.relu6(tf.add(x, 3)), 6);

const tanhGeluArgument = (tf: TF, x: Tensor): Tensor =>
  tf.mul(SQRT_2_OVER_PI, tf.add(x, tf.mul(GELU_CUBIC, tf.mul(x, tf.square(x)))));

const gelu: Formula = {
  value: (tf, x) => tf.mul(tf.mul(x, 0.5), tf.add(1, tf.erf(tf.mul(x, SQRT_HALF)))),
  slope(tf, x) {
    const density = tf.mul(INV_SQRT_2PI, tf.exp(tf.mul(-0.5, tf.square(x))));
    return tf.add(tf.mul(0.5, tf.add(1, tf.erf(tf.mul(x, SQRT_HALF)))), tf.mul(x, density));
  },
};

const tanhGelu: Formula = {
  value: (tf, x) => tf.mul(tf.mul(x, 0.5), tf.add(1, tf.tanh(tanhGeluArgument(tf, x)))),
  slope(tf, x) {
    const t = tf.tanh(tanhGeluArgument(tf, x));
    const inner = tf.mul(SQRT_2_OVER_PI, tf.add(1, tf.mul(3 * GELU_CUBIC, tf.square(x))));
    const second = tf.mul(tf.mul(x, 0.5), tf.mul(tf.sub(1, tf.square(t)), inner));
    return tf.add(tf.mul(0.5, tf.add(1, t)), second);
  },
};

/** One row per function of `keras.activations`, with the same default arguments. */
const FORMULAS: Readonly<Record<string, (args: LayerConfig) => Formula>> = {
  elu: (args) => exponentialUnit(args.number('alpha', 1)),
  selu: () => ({
    value: (tf, x) => tf.selu(x),
    slope: (tf, x, y) => blend(tf, above(tf, x, 0), SELU_SCALE, tf.add(y, SELU_SCALE * SELU_ALPHA)),
  }),
  celu: (args) => {
    const alpha = args.number('alpha', 1);
    return {
      value: (tf, x) => tf.add(tf.relu(x), tf.mul(alpha, tf.expm1(tf.div(tf.minimum(x, 0), alpha)))),
      slope: (tf, x) => tf.exp(tf.div(tf.minimum(x, 0), alpha)),
    };
  },
  silu: () => ({
    value: (tf, x) => tf.mul(x, tf.sigmoid(x)),
    slope(tf, x) {
      const s = tf.sigmoid(x);
      return tf.mul(s, tf.add(1, tf.mul(x, tf.sub(1, s))));
    },
  }),
  gelu: (args) => (args.bool('approximate', false) ? tanhGelu : gelu),
  mish: () => ({
    value: (tf, x) => tf.mul(x, tf.tanh(tf.softplus(x))),
    slope(tf, x) {
      const t = tf.tanh(tf.softplus(x));
      return tf.add(t, tf.mul(tf.mul(x, tf.sigmoid(x)), tf.sub(1, tf.square(t))));
    },
  }),
  softplus: () => ({ value: (tf, x) => tf.softplus(x), slope: (tf, x) => tf.sigmoid(x) }),
  softsign: () => ({
    value: (tf, x) => tf.div(x, tf.add(1, tf.abs(x))),
    slope: (tf, x) => tf.reciprocal(tf.square(tf.add(1, tf.abs(x)))),
  }),
  soft_shrink: (args) => {
    const threshold = args.number('threshold', 0.5);
    return {
      value: (tf, x) => tf.sub(tf.relu(tf.sub(x, threshold)), tf.relu(tf.sub(tf.neg(x), threshold))),
      slope: (tf, x) => above(tf, tf.abs(x), threshold),
    };
  },
  hard_shrink: (args) => {
    const threshold = args.number('threshold', 0.5);
    return {
      value: (tf, x) => tf.mul(x, above(tf, tf.abs(x), threshold)),
      slope: (tf, x) => above(tf, tf.abs(x), threshold),
    };
  },
  tanh: () => ({ value: (tf, x) => tf.tanh(x), slope: (tf, _x, y) => tf.sub(1, tf.square(y)) }),
  tanh_shrink: () => ({
    value: (tf, x) => tf.sub(x, tf.tanh(x)),
    slope: (tf, x) => tf.square(tf.tanh(x)),
  }),
  // sigmoid(-x) instead of 1 - y, which underflows to 0 much earlier.
  sigmoid: () => ({
    value: (tf, x) => tf.sigmoid(x),
    slope: (tf, x, y) => tf.mul(y, tf.sigmoid(tf.neg(x))),
  }),
  log_sigmoid: () => ({
    value: (tf, x) => tf.neg(tf.softplus(tf.neg(x))),
    slope: (tf, x) => tf.sigmoid(tf.neg(x)),
  }),
  // Keras 1 and 2 use a different slope under the same name.
  hard_sigmoid: (args) =>
    args.kerasMajor < 3
      ? {
          value: (tf, x) => tf.clipByValue(tf.add(tf.mul(x, 0.2), 0.5), 0, 1),
          slope: (tf, x) => tf.mul(within(tf, x, -2.5, 2.5), 0.2),
        }
      : { value: hardSigmoid, slope: (tf, x) => tf.div(between(tf, x, -3, 3), 6) },
  hard_silu: () => ({
    value: (tf, x) => tf.mul(x, hardSigmoid(tf, x)),
    slope: (tf, x) => tf.add(hardSigmoid(tf, x), tf.mul(x, tf.div(between(tf, x, -3, 3), 6))),
  }),
  hard_tanh: () => ({
    value: (tf, x) => tf.clipByValue(x, -1, 1),
    slope: (tf, x) => within(tf, x, -1, 1),
  }),
  sparse_plus: () => ({
    value: (tf, x) => tf.where(tf.less(x, 1), tf.mul(0.25, tf.square(tf.relu(tf.add(x, 1)))), x),
    slope: (tf, x) => tf.mul(0.5, tf.clipByValue(tf.add(x, 1), 0, 2)),
  }),
  sparse_sigmoid: () => ({
    value: (tf, x) => tf.clipByValue(tf.mul(0.5, tf.add(x, 1)), 0, 1),
    slope: (tf, x) => tf.mul(0.5, between(tf, x, -1, 1)),
  }),
  squareplus: (args) => {
    const b = args.number('b', 4);
    const root = (tf: TF, x: Tensor) => tf.sqrt(tf.add(tf.square(x), b));
    return {
      value: (tf, x) => tf.mul(0.5, tf.add(x, root(tf, x))),
      slope: (tf, x) => tf.mul(0.5, tf.add(1, tf.div(x, root(tf, x)))),
    };
  },
  threshold: (args) => {
    const threshold = args.number('threshold');
    const otherwise = args.number('default_value');
    return {
      value: (tf, x) => tf.where(tf.greater(x, threshold), x, tf.fill(x.shape, otherwise)),
      slope: (tf, x) => above(tf, x, threshold),
    };
  },
  exponential: () => ({ value: (tf, x) => tf.exp(x), slope: (_tf, _x, y) => y }),
};

function fromFormula(name: string, formula: Formula): Activation {
  return {
    name,
    rectifies: false,
    forward: formula.value,
    backward: (tf, x, y, gradient) => tf.mul(gradient, formula.slope(tf, x, y)),
  };
}

/** The elementwise activations except the rectifiers. */
export const elementwise: Readonly<Record<string, (args: LayerConfig) => Activation>> = Object.fromEntries(
  Object.entries(FORMULAS).map(([name, formula]) => [
    name,
    (args: LayerConfig) => fromFormula(name, formula(args)),
  ]),
);
