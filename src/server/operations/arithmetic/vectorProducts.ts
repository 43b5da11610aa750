import * as l10n from '@vscode/l10n';
import type { Shape } from '../../../shared/model';
import { formula, type Value } from '../compound';
import { stack } from '../manipulation/joining';
import { pad } from '../manipulation/padding';
import { expandDims, moveaxis, reshape, transpose } from '../manipulation/reshaping';
import { getItem, type IndexPart } from '../manipulation/slicing';
import { normalizeAxes, normalizeAxis, type Operation, operandAt, refuse } from '../operation';
import { binary } from './binary';
import { pairOf, steps } from './formulaSteps';
import { matmul } from './matmul';

/** `keras.ops.tensordot`: `axes` of each operand are summed; a number means the last of the first and the first of the second. */
export function tensordot(axes: number | readonly (readonly number[])[]): Operation {
  return formula((apply, operands) => {
    const { of } = steps(apply);
    const [a, b] = pairOf(operands);
    const lists =
      typeof axes === 'number'
        ? [
            Array.from({ length: axes }, (_, i) => a.shape.length - axes + i),
            Array.from({ length: axes }, (_, i) => i),
          ]
        : axes;
    const left = operandAt(lists, 0).map((axis) => normalizeAxis(axis, a.shape.length));
    const right = operandAt(lists, 1).map((axis) => normalizeAxis(axis, b.shape.length));
    const free = (shape: Shape, used: readonly number[]): number[] =>
      normalizeAxes(null, shape.length).filter((axis) => !used.includes(axis));
    const rows = free(a.shape, left);
    const columns = free(b.shape, right);
    const sizes = (x: Value, at: readonly number[]): Shape => at.map((axis) => x.shape[axis] ?? null);
    const flat = (shape: Shape): number =>
      shape.reduce<number>((all, size) => (all === -1 || size === null ? -1 : all * size), 1);
    const inner = flat(sizes(a, left)) === -1 ? flat(sizes(b, right)) : flat(sizes(a, left));
    if (inner === -1) refuse(l10n.t('the axes that it sums over have unknown sizes.'));
    const matrixA = of(reshape([-1, inner]), of(transpose([...rows, ...left]), a));
    const matrixB = of(reshape([inner, flat(sizes(b, columns))]), of(transpose([...right, ...columns]), b));
    return of(reshape([...sizes(a, rows), ...sizes(b, columns)]), of(matmul(), matrixA, matrixB));
  });
}

/** `keras.ops.dot`: scalars and matrices multiply; otherwise the last axis is summed with the second to last. */
export function dot(): Operation {
  return formula((apply, operands) => {
    const { of } = steps(apply);
    const [a, b] = pairOf(operands);
    if (a.shape.length === 0 || b.shape.length === 0) return of(binary('multiply'), a, b);
    if (b.shape.length <= 2 && a.shape.length <= 2) return of(matmul(), a, b);
    const second = b.shape.length === 1 ? 0 : b.shape.length - 2;
    return of(tensordot([[a.shape.length - 1], [second]]), a, b);
  });
}

/** `keras.ops.inner`. */
export const inner = (): Operation =>
  formula((apply, operands) => {
    const { of } = steps(apply);
    const [a, b] = pairOf(operands);
    if (a.shape.length === 0 || b.shape.length === 0) return of(binary('multiply'), a, b);
    return of(tensordot([[-1], [-1]]), a, b);
  });

/** `keras.ops.outer`: the products of every pair of values, both operands flattened. */
export const outer = (): Operation =>
  formula((apply, operands) => {
    const { of } = steps(apply);
    const [a, b] = pairOf(operands);
    return of(binary('multiply'), of(reshape([-1, 1]), a), of(reshape([1, -1]), b));
  });

/** `keras.ops.vdot`: the dot product of both, flattened. */
export const vdot = (): Operation =>
  formula((apply, operands) => {
    const { of } = steps(apply);
    const [a, b] = pairOf(operands);
    return of(matmul(), of(reshape([-1]), a), of(reshape([-1]), b));
  });

/** The axes that `keras.ops.cross` takes the vectors of a and b from, and where those of the result go. */
export interface CrossAxes {
  readonly a: number;
  readonly b: number;
  readonly c: number;
}

/** `keras.ops.cross`: of vectors with three entries, or two (the third is 0); for two of the latter the result is one number. */
export function cross(axes: CrossAxes): Operation {
  return formula((apply, operands) => {
    const { of, two } = steps(apply);
    const vectors = [axes.a, axes.b].map((axis, i) => of(moveaxis([axis], [-1]), operandAt(operands, i)));
    const sizes = vectors.map(({ shape }) => shape.at(-1));
    if (sizes.some((size) => size !== 2 && size !== 3))
      refuse(l10n.t('its vectors have neither two nor three entries.'));
    const [a, b] = vectors.map((x) => {
      const widths = x.shape.map((_, axis): [number, number] => [
        0,
        axis === x.shape.length - 1 && x.shape[axis] === 2 ? 1 : 0,
      ]);
      return [0, 1, 2].map((index) => of(lastAxisEntry(index), of(pad(widths), x)));
    });
    const component = (i: number, j: number): Value => {
      const [ai, aj] = [operandAt(a ?? [], i), operandAt(a ?? [], j)];
      const [bi, bj] = [operandAt(b ?? [], i), operandAt(b ?? [], j)];
      return two('subtract', two('multiply', ai, bj), two('multiply', aj, bi));
    };
    if (sizes.every((size) => size === 2)) return component(0, 1);
    const all = of(stack(-1), component(1, 2), component(2, 0), component(0, 1));
    return of(moveaxis([-1], [axes.c]), all);
  });
}

const lastAxisEntry = (index: number): Operation =>
  getItem([{ kind: 'ellipsis' }, { kind: 'at', index }] satisfies IndexPart[]);

/** `keras.ops.kron`. */
export const kron = (): Operation =>
  formula((apply, operands) => {
    const { of, two } = steps(apply);
    const rank = Math.max(...[0, 1].map((i) => operandAt(operands, i).shape.length));
    const [a, b] = [0, 1].map((i): Shape => {
      const { shape } = operandAt(operands, i);
      return [...new Array<number>(rank - shape.length).fill(1), ...shape];
    });
    const apart = (shape: Shape, isFirst: boolean): Shape =>
      shape.flatMap((size) => (isFirst ? [size, 1] : [1, size]));
    const [first, second] = [a ?? [], b ?? []];
    const products = two(
      'multiply',
      of(reshape(apart(first, true)), operandAt(operands, 0)),
      of(reshape(apart(second, false)), operandAt(operands, 1)),
    );
    return of(reshape(first.map((size, axis) => sizeProduct(size, second[axis] ?? null))), products);
  });

export const sizeProduct = (a: number | null, b: number | null): number | null =>
  a === null || b === null ? null : a * b;

/** `keras.ops.cdist`: the Euclidean distance of each row of the first operand to each row of the second. */
export const cdist = (): Operation =>
  formula((apply, operands) => {
    const { of, one, two, reduce } = steps(apply);
    const a = of(expandDims([-2]), operandAt(operands, 0));
    const b = of(expandDims([-3]), operandAt(operands, 1));
    return one('sqrt', reduce('sum', one('square', two('subtract', a, b)), { axes: [-1], keepdims: false }));
  });
