import * as l10n from '@vscode/l10n';
import type { Shape } from '../../../shared/model';
import { times } from '../../graph/cost';
import type { Tensor } from '../../layers/kind';
import { einsumToLeft, einsumToRight, einsum as product } from '../../layers/support/einsum';
import { compound, type Value } from '../compound';
import { transpose } from '../manipulation/reshaping';
import { asFloat, needsGradient, type Operation, operandAt, refuse, shapeText } from '../operation';
import { reduction } from './reductions';

/** The axes of each operand and of the result, one name per axis. */
interface Equation {
  readonly operands: readonly (readonly string[])[];
  readonly output: readonly string[];
}

/**
 * `keras.ops.einsum` of any number of operands; no operand may repeat a letter.
 * @param equation `bij,bjk->bik`; without an arrow the result has the letters that occur once, sorted.
 */
export function einsum(equation: string): Operation {
  return compound((apply, operands) => {
    const { operands: axes, output } = parseEquation(
      equation,
      operands.map(({ shape }) => shape),
    );
    let left: Value = operandAt(operands, 0);
    let have = operandAt(axes, 0);
    for (const [i, right] of operands.entries()) {
      if (i === 0) continue;
      const own = operandAt(axes, i);
      const later = new Set([...output, ...axes.slice(i + 1).flat()]);
      const result = [...new Set([...have, ...own])].filter((axis) => later.has(axis));
      const isLast = i === operands.length - 1;
      [left] = apply(pairwiseEinsum(have, own, isLast ? output : result), left, right);
      have = isLast ? output : result;
    }
    const away = have.flatMap((axis, i) => (output.includes(axis) ? [] : [i]));
    if (away.length > 0) [left] = apply(reduction('sum', { axes: away, keepdims: false }), left);
    const kept = have.filter((axis) => output.includes(axis));
    const [ordered] = apply(transpose(output.map((axis) => kept.indexOf(axis))), left);
    return [ordered];
  });
}

function parseEquation(equation: string, shapes: readonly Shape[]): Equation {
  const [inputs = '', given] = equation.replace(/\s/g, '').split('->');
  const parts = inputs.split(',');
  if (!/^[a-zA-Z.,]*$/.test(inputs) || (given !== undefined && !/^[a-zA-Z.]*$/.test(given))) {
    refuse(l10n.t('"{0}" is not an equation of letters.', equation.slice(0, 40)));
  }
  if (parts.length !== shapes.length) refuse(l10n.t('{0} operands do not fit "{1}".', shapes.length, inputs));
  const most = Math.max(
    0,
    ...parts.map((part, i) => (part.includes('...') ? (shapes[i]?.length ?? 0) - part.length + 3 : 0)),
  );
  // The axes of `...` are aligned from the last one on.
  const elided = (count: number): string[] => Array.from({ length: count }, (_, i) => `.${most - count + i}`);
  const letters = (text: string, count: number): string[] =>
    text.split(/(\.\.\.)/).flatMap((part) => (part === '...' ? elided(count) : [...part]));
  const operands = parts.map((part, i) => letters(part, (shapes[i]?.length ?? 0) - part.length + 3));
  const all = operands.flat();
  const once = [...new Set(all)].filter((axis) => all.filter((other) => other === axis).length === 1);
  const output =
    given === undefined
      ? [...(inputs.includes('...') ? elided(most) : []), ...once.filter((axis) => axis.length === 1).sort()]
      : letters(given, most);
  for (const [i, axes] of operands.entries()) {
    const rank = shapes[i]?.length ?? 0;
    if (axes.length !== rank || new Set(axes).size !== rank || axes.includes('.')) {
      refuse(
        l10n.t('"{0}" does not fit a tensor of shape {1}.', String(parts[i]), shapeText(shapes[i] ?? [])),
      );
    }
  }
  if (new Set(output).size !== output.length || output.some((axis) => !all.includes(axis))) {
    refuse(
      l10n.t('the result of "{0}" repeats an axis or has one that no operand has.', equation.slice(0, 40)),
    );
  }
  return { operands, output };
}

/** The einsum of two operands as one matrix product. */
function pairwiseEinsum(
  left: readonly string[],
  right: readonly string[],
  output: readonly string[],
): Operation {
  const equation = { left, right, output };
  return {
    outputShapes(operands) {
      const [a, b] = [operandAt(operands, 0), operandAt(operands, 1)];
      const size = (axis: string): number | null => {
        const [first, second] = [a[left.indexOf(axis)], b[right.indexOf(axis)]];
        if (first === undefined || second === undefined) return first ?? second ?? null;
        if (first !== null && second !== null && first !== second) {
          refuse(l10n.t('shapes {0} and {1} differ along "{2}".', shapeText(a), shapeText(b), axis));
        }
        return first ?? second;
      };
      for (const axis of left) size(axis);
      return [output.map(size)];
    },
    multiplyAdds(operands) {
      const [a, b] = [operandAt(operands, 0), operandAt(operands, 1)];
      const axes = [...new Set([...left, ...right])];
      return times(...axes.map((axis) => a[left.indexOf(axis)] ?? b[right.indexOf(axis)]));
    },
    forward({ tf }, operands) {
      const [a, b] = both(operands);
      return [product(tf, equation, asFloat(tf, a), asFloat(tf, b))];
    },
    backward({ tf }, step) {
      const [gradient] = step.gradients;
      if (!gradient) return [null, null];
      const [a, b] = both(step.inputs);
      return [
        needsGradient(step, 0) ? einsumToLeft(tf, equation, gradient, asFloat(tf, b), a.shape) : null,
        needsGradient(step, 1) ? einsumToRight(tf, equation, gradient, asFloat(tf, a), b.shape) : null,
      ];
    },
  };
}

const both = (operands: readonly Tensor[]): [Tensor, Tensor] => [
  operandAt(operands, 0),
  operandAt(operands, 1),
];
