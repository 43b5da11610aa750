import * as l10n from '@vscode/l10n';
import { formula } from '../compound';
import { pad } from '../manipulation/padding';
import { getItem, type IndexPart } from '../manipulation/slicing';
import { type Operation, operandAt, refuse } from '../operation';
import { axesOf, type ChannelsFirst } from './layout';

/** Padding or cropping of an axis: before, after, or the resulting size; one follows from the others. */
export interface Edges {
  readonly before: number | null;
  readonly after: number | null;
  readonly target: number | null;
}

/** `keras.ops.image.pad_images`. */
export const padImages = (edges: readonly [Edges, Edges], isFirst: ChannelsFirst): Operation =>
  formula((apply, operands) => {
    const x = operandAt(operands, 0);
    const axes = axesOf(x.shape.length, isFirst);
    const widths = x.shape.map((size, axis): [number, number] => {
      const { before, after, target } = edges[axes.indexOf(axis)] ?? { before: 0, after: 0, target: null };
      if (before !== null && after !== null) return [before, after];
      const given = before ?? after;
      if (target === null || size === null || given === null)
        return refuse(l10n.t('the width of its padding is unknown.'));
      return before === null ? [target - size - given, given] : [given, target - size - given];
    });
    return apply(pad(widths), x)[0];
  });

/** `keras.ops.image.crop_images`. */
export const cropImages = (edges: readonly [Edges, Edges], isFirst: ChannelsFirst): Operation =>
  formula((apply, operands) => {
    const x = operandAt(operands, 0);
    const axes = axesOf(x.shape.length, isFirst);
    const parts = x.shape.map((size, axis): IndexPart => {
      const edge = edges[axes.indexOf(axis)];
      if (!edge) return { kind: 'range', start: null, stop: null, step: 1 };
      const { before, after, target } = edge;
      const [start, count] = [
        before ?? difference(size, target, after),
        target ?? difference(size, before, after),
      ];
      if (start < 0 || count < 0) refuse(l10n.t('it crops more than the image has.'));
      return { kind: 'range', start, stop: start + count, step: 1, exact: true };
    });
    return apply(getItem(parts), x)[0];
  });

function difference(size: number | null, a: number | null, b: number | null): number {
  return size === null || a === null || b === null
    ? refuse(l10n.t('the width of its crop is unknown.'))
    : size - a - b;
}
