import type { Tensor, TF } from '../kind';

/** An einsum of two operands, one letter an axis. */
export interface Einsum {
  readonly left: readonly string[];
  readonly right: readonly string[];
  readonly output: readonly string[];
}

/** Stands for the axes that `...` covers, which have no letters of their own. */
const ELIDED = '.';

/**
 * Reads an equation such as `abc,cd->abd`, `...x,xy->...y` or `ab...,bc->ac...`.
 * @param rank of the left operand, which settles how many axes `...` stands for.
 * @returns `null` for anything else: other operands, a letter twice in one operand, a letter out of nowhere.
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
  const isSound =
    [left, right, output].every((axes) => new Set(axes).size === axes.length && !axes.includes(ELIDED)) &&
    output.every((axis) => known.has(axis));
  return isSound && left.length === rank ? { left, right, output } : null;
}

/**
 * Two operands summed over every axis that the output lacks, as one matrix product: TF.js's own einsum has no kernel on
 * wasm. There a product keeps what it prepared of its right-hand side by the identity of the data, whatever the shape:
 * used once more in another shape, the same data crash it. So the right-hand side is copied.
 */
export function einsum(tf: TF, equation: Einsum, a: Tensor, b: Tensor): Tensor {
  return einsumWithKernel(tf, equation, a, tf.mul(b, 1));
}

/** An einsum whose right-hand side is a weight that stands there in no other equation: what wasm prepared is of use again. */
export function einsumWithKernel(tf: TF, { left, right, output }: Einsum, a: Tensor, b: Tensor): Tensor {
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
  return inOrder(tf, tf.reshape(product, axes.map(size)), axes, output);
}

/** The gradient of an einsum to its left operand, of shape `shape`. */
export function einsumToLeft(
  tf: TF,
  { left, right, output }: Einsum,
  gradient: Tensor,
  b: Tensor,
  shape: readonly number[],
): Tensor {
  // An axis that was summed on its own got every value once: each takes the whole gradient.
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

/** Sums away the axes that `keep` does not want. */
function summed(
  tf: TF,
  x: Tensor,
  axes: readonly string[],
  keep: (axis: string) => boolean,
): [Tensor, string[]] {
  const away = axes.flatMap((axis, i) => (keep(axis) ? [] : [i]));
  return [away.length > 0 ? tf.sum(x, away) : x, axes.filter(keep)];
}

function inOrder(tf: TF, x: Tensor, axes: readonly string[], wanted: readonly string[]): Tensor {
  const order = wanted.map((axis) => axes.indexOf(axis));
  return order.every((from, to) => from === to) ? x : tf.transpose(x, order);
}
