import type { Tensor, TF } from '../kind';

/** An einsum of two operands: one letter per axis. */
export interface Einsum {
  readonly left: readonly string[];
  readonly right: readonly string[];
  readonly output: readonly string[];
}

/** Prefix of the names given to the axes that `...` covers. */
const ELIDED = '.';

/**
 * Reads an equation such as `abc,cd->abd`, `...x,xy->...y` or `ab...,bc->ac...`.
 * @param rank of the left operand, which determines how many axes `...` covers.
 * @returns `null` for other equations: more or fewer operands, a letter repeated in an operand, an output letter that no
 *   operand has.
 */
export function parseEinsum(equation: string, rank: number): Einsum | null {
  const parts = /^([a-zA-Z.]+),([a-zA-Z]+)->([a-zA-Z.]+)$/.exec(equation.replace(/\s/g, ''));
  const [, leftText = '', rightText = '', outputText = ''] = parts ?? [];
  const elided = leftText.includes('...') ? rank - leftText.replace('...', '').length : 0;
  if (parts === null || elided < 0) return null;
  const letters = (text: string): string[] =>
    text
      .split(/(\.\.\.)/)
      .flatMap((part) =>
        part === '...' ? Array.from({ length: elided }, (_, i) => `${ELIDED}${i}`) : [...part],
      );
  const [left, right, output] = [letters(leftText), letters(rightText), letters(outputText)];
  const known = new Set([...left, ...right]);
  const isValid =
    [left, right, output].every((axes) => new Set(axes).size === axes.length && !axes.includes(ELIDED)) &&
    output.every((axis) => known.has(axis));
  return isValid && left.length === rank ? { left, right, output } : null;
}

/**
 * Multiplies two operands and sums over every axis that the output lacks, as one matrix product: TF.js's own einsum has
 * no kernel on wasm. The wasm product caches a packed right-hand side under the identity of its data, regardless of
 * shape, and crashes when the same data return in another shape. The right-hand side is therefore copied.
 */
export function einsum(tf: TF, equation: Einsum, a: Tensor, b: Tensor): Tensor {
  return einsumWithKernel(tf, equation, a, tf.mul(b, 1));
}

/**
 * An einsum whose right-hand side is a weight used in this equation only, so that wasm can reuse its packed copy.
 * @param bias is added to the output, to whose last axes it is broadcast
 */
export function einsumWithKernel(
  tf: TF,
  { left, right, output }: Einsum,
  a: Tensor,
  b: Tensor,
  bias?: Tensor,
): Tensor {
  const [x, xAxes] = summed(tf, a, left, (axis) => right.includes(axis) || output.includes(axis));
  const [y, yAxes] = summed(tf, b, right, (axis) => left.includes(axis) || output.includes(axis));
  const batch = xAxes.filter((axis) => yAxes.includes(axis) && output.includes(axis));
  const inner = xAxes.filter((axis) => yAxes.includes(axis) && !output.includes(axis));
  const rows = xAxes.filter((axis) => !yAxes.includes(axis));
  const columns = yAxes.filter((axis) => !xAxes.includes(axis));
  const size = (axis: string): number => x.shape[xAxes.indexOf(axis)] ?? y.shape[yAxes.indexOf(axis)] ?? 1;
  const count = (axes: readonly string[]): number => axes.reduce((product, axis) => product * size(axis), 1);
  const lead = batch.length > 0 ? [count(batch)] : [];
  const product = tf.matMul(
    tf.reshape(inOrder(tf, x, xAxes, [...batch, ...rows, ...inner]), [...lead, count(rows), count(inner)]),
    tf.reshape(inOrder(tf, y, yAxes, [...batch, ...inner, ...columns]), [
      ...lead,
      count(inner),
      count(columns),
    ]),
  );
  const axes = [...batch, ...rows, ...columns];
  const sizes = axes.map(size);
  if (bias === undefined) return inOrder(tf, tf.reshape(product, sizes), axes, output);
  // A bias for each column belongs to the product, with which a backend may fuse it.
  const isPerColumn = bias.rank === columns.length && bias.size === count(columns);
  return isPerColumn && isSame(axes, output)
    ? tf.reshape(tf.add(product, tf.reshape(bias, [bias.size])), sizes)
    : tf.add(inOrder(tf, tf.reshape(product, sizes), axes, output), bias);
}

/** The gradient of an einsum to its left operand, of shape `shape`. */
export function einsumToLeft(
  tf: TF,
  { left, right, output }: Einsum,
  gradient: Tensor,
  b: Tensor,
  shape: readonly number[],
): Tensor {
  // Along an axis that only the left operand has, every value contributes once and gets the whole gradient.
  const reached = left.filter((axis) => right.includes(axis) || output.includes(axis));
  const own = einsum(tf, { left: right, right: output, output: reached }, b, gradient);
  if (reached.length === left.length) return own;
  const ones = shape.map((size, i) => (reached.includes(left[i] ?? '') ? size : 1));
  return tf.mul(tf.reshape(own, ones), tf.ones([...shape]));
}

/** The gradient of an einsum to its right operand. */
export const einsumToRight = (
  tf: TF,
  { left, right, output }: Einsum,
  gradient: Tensor,
  a: Tensor,
  shape: readonly number[],
): Tensor => einsumToLeft(tf, { left: right, right: left, output }, gradient, a, shape);

/** Sums over the axes for which `keep` is false. */
function summed(
  tf: TF,
  x: Tensor,
  axes: readonly string[],
  keep: (axis: string) => boolean,
): [Tensor, string[]] {
  const dropped = axes.flatMap((axis, i) => (keep(axis) ? [] : [i]));
  return [dropped.length > 0 ? tf.sum(x, dropped) : x, axes.filter(keep)];
}

const isSame = (axes: readonly string[], wanted: readonly string[]): boolean =>
  wanted.every((axis, at) => axes[at] === axis);

function inOrder(tf: TF, x: Tensor, axes: readonly string[], wanted: readonly string[]): Tensor {
  return isSame(axes, wanted)
    ? x
    : tf.transpose(
        x,
        wanted.map((axis) => axes.indexOf(axis)),
      );
}
