import * as l10n from '@vscode/l10n';
import type { Shape } from '../../../shared/model';
import { compound } from '../compound';
import { normalizeAxis, type Operation, operandAt, refuse } from '../operation';
import { knownSizes } from './tiling';

/** `keras.ops.split`. @param parts the number of equal parts, or the size of each (one may be `null`: the rest). */
export function split(parts: number | readonly (number | null)[], axis: number): Operation {
  const sizes = (size: number | null): (number | null)[] => {
    if (typeof parts === 'number') {
      if (parts < 1 || (size !== null && size % parts !== 0)) {
        refuse(
          size === null
            ? l10n.t('an axis of unknown size cannot be split into {0} equal parts.', parts)
            : l10n.t('an axis of {0} cannot be split into {1} equal parts.', size, parts),
          'wrong-shape',
        );
      }
      if (parts > MAX_PARTS) refuse(l10n.t('{0} parts are too many.', parts));
      return new Array<number | null>(parts).fill(size === null ? null : size / parts);
    }
    const known = parts.reduce<number>((sum, part) => sum + (part ?? 0), 0);
    const open = parts.filter((part) => part === null).length;
    if (size !== null && (open === 0 ? known !== size : known > size)) {
      refuse(
        l10n.t(
          'an axis of {0} cannot be split into parts of {1}.',
          size,
          parts.map((n) => n ?? '?').join(', '),
        ),
      );
    }
    return parts.map((part) => part ?? (size === null || open > 1 ? null : size - known));
  };
  return {
    isPassThrough: true,
    outputShapes(operands) {
      const shape = operandAt(operands, 0);
      const at = normalizeAxis(axis, shape.length);
      return sizes(shape[at] ?? null).map((part) => shape.map((size, i) => (i === at ? part : size)));
    },
    forward({ tf }, operands) {
      const x = operandAt(operands, 0);
      const at = normalizeAxis(axis, x.rank);
      return tf.split(x, knownSizes(sizes(x.shape[at] ?? 0)), at);
    },
    backward({ tf }, { outputs, gradients }) {
      const parts = outputs.map((output, i) => gradients[i] ?? tf.zeros(output.shape));
      const first = operandAt(outputs, 0);
      if (gradients.every((gradient) => !gradient)) return [null];
      return [parts.length === 1 ? operandAt(parts, 0) : tf.concat(parts, normalizeAxis(axis, first.rank))];
    },
  };
}

/** A config may ask for a billion parts. */
const MAX_PARTS = 10_000;

/** The sizes of the parts of an axis of `size` that is split at `places`, as by NumPy's `split` with indices. */
export function partSizes(places: readonly number[], size: number | null): (number | null)[] {
  const bounded = places.map((place) =>
    size === null ? place : Math.min(place < 0 ? place + size : place, size),
  );
  const starts = [0, ...bounded];
  return starts.map((start, i) => {
    const end = bounded[i] ?? size;
    return end === null ? null : Math.max(0, end - start);
  });
}

/** `keras.ops.unstack`: every slice along `axis`, without that axis. */
export function unstack(axis: number, count: number | null): Operation {
  const whole = (shape: Shape): Operation => {
    const size = shape[normalizeAxis(axis, shape.length)] ?? count;
    return size === null ? refuse(l10n.t('an axis of unknown size cannot be unstacked.')) : split(size, axis);
  };
  return {
    isPassThrough: true,
    staticValues(operands) {
      const { shape, values } = operandAt(operands, 0);
      return shape.length === 1 && values !== null ? values.map((n) => [n]) : [];
    },
    outputShapes(operands) {
      const shape = operandAt(operands, 0);
      const at = normalizeAxis(axis, shape.length);
      return whole(shape)
        .outputShapes(operands)
        .map((part) => part.filter((_, i) => i !== at));
    },
    forward({ tf }, operands) {
      const x = operandAt(operands, 0);
      return tf.unstack(x, normalizeAxis(axis, x.rank));
    },
    backward({ tf }, { inputs, outputs, gradients }) {
      if (gradients.every((gradient) => !gradient)) return [null];
      const parts = outputs.map((output, i) => gradients[i] ?? tf.zeros(output.shape));
      return [tf.stack(parts, normalizeAxis(axis, operandAt(inputs, 0).rank))];
    },
  };
}

/** `keras.ops.array_split`: parts of nearly equal size, the larger ones first. */
export function arraySplit(count: number, axis: number): Operation {
  if (count < 1 || count > MAX_PARTS) refuse(l10n.t('{0} parts cannot be made.', count));
  const parts = (size: number | null): Operation => {
    if (size === null) return split(new Array<null>(count).fill(null), axis);
    const [small, larger] = [Math.floor(size / count), size % count];
    return split(
      Array.from({ length: count }, (_, i) => (i < larger ? small + 1 : small)),
      axis,
    );
  };
  return compound((apply, operands) => {
    const x = operandAt(operands, 0);
    return apply(parts(x.shape[normalizeAxis(axis, x.shape.length)] ?? null), x);
  });
}

/** `keras.ops.hsplit`: along the second axis, or that of a vector. */
export const hsplit = (along: (axis: number) => Operation): Operation =>
  compound((apply, operands) => {
    const x = operandAt(operands, 0);
    return apply(along(x.shape.length === 1 ? 0 : 1), x);
  });
