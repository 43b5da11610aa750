import * as l10n from '@vscode/l10n';
import type { Shape } from '../../../shared/model';
import type { LayerConfig } from '../../graph/layerConfig';
import type { KindTable, LayerKind, Tensor, TF } from '../kind';
import { spatialAxes } from '../support/dataFormat';
import { isFloat } from '../support/layerInputs';
import { linear } from '../support/linear';
import {
  isSecondFirst,
  RESIZE_METHODS,
  type ResizeMethod,
  resample,
  resampleTransposed,
  resampling,
} from '../support/resampling';
import { imageShape } from './augmentation';

/** How an image changes along one axis: it is cropped or padded first, then resized. */
interface AxisPlan {
  readonly axis: number;
  /** Padding on each side; if negative, the number of values that are cropped at the start. */
  readonly margin: number;
  /** Size after cropping or padding. */
  readonly kept: number;
  /** Final size. */
  readonly to: number;
}

interface Plan {
  /** Height and width. */
  readonly axes: readonly [AxisPlan, AxisPlan];
  readonly method: ResizeMethod;
  readonly antialias: boolean;
  readonly fill: number;
}

type Planner = (config: LayerConfig, height: number, width: number) => Plan;

/** The axes of height and width with their final sizes. */
function targets(config: LayerConfig): readonly [AxisTarget, AxisTarget] {
  const [rows = 1, columns = 2] = spatialAxes(config, 2);
  return [
    { axis: rows, to: size(config, 'height') },
    { axis: columns, to: size(config, 'width') },
  ];
}

interface AxisTarget {
  readonly axis: number;
  readonly to: number;
}

function size(config: LayerConfig, key: 'height' | 'width'): number {
  const value = config.int(key);
  return value > 0 ? value : config.bad(key, l10n.t('a positive integer'), value);
}

function resizedShape(config: LayerConfig, inputs: readonly Shape[]): Shape {
  const shape = [...imageShape(config, inputs)];
  if (shape.length !== 4) return config.bad('height', l10n.t('that of a batch of images'), shape);
  for (const { axis, to } of targets(config)) shape[axis] = to;
  return shape;
}

/** A layer that crops, pads and resizes. It is linear, except that results for integer images are rounded. */
function resizer(plan: Planner): LayerKind {
  const planFor = (config: LayerConfig, x: Tensor): Plan => {
    const [rows, columns] = targets(config);
    return plan(config, x.shape[rows.axis] ?? 1, x.shape[columns.axis] ?? 1);
  };
  return {
    outputShapes: (config, inputs) => [resizedShape(config, inputs)],
    ...linear({
      forward({ tf, config }, x) {
        const { axes, method, antialias, fill } = planFor(config, x);
        // As in TensorFlow, an image of the final size is not resampled, whatever the method.
        if (axes.every(({ kept, to }) => kept === to))
          return tf.clone(axes.reduce((y, axis) => withMargin(tf, y, axis, fill), x));
        const cropped = axes.filter(isCropped).reduce((y, axis) => withMargin(tf, y, axis, fill), x);
        const resized = inOrder(axes).reduce(
          (y, axis) => {
            const padded = isCropped(axis) ? y : withMargin(tf, y, axis, fill);
            return resample(tf, padded, axis.axis, resampling(method, antialias, axis.kept, axis.to, config));
          },
          tf.cast(cropped, 'float32'),
        );
        return isFloat(x) ? resized : tf.cast(tf.round(resized), x.dtype);
      },
      transpose({ tf, config }, gradient, x) {
        const { axes, method, antialias } = planFor(config, x);
        const before = (axis: AxisPlan): number => x.shape[axis.axis] ?? 1;
        if (axes.every(({ kept, to }) => kept === to))
          return axes.reduce((g, axis) => withoutMargin(tf, g, axis, before(axis)), gradient);
        const resized = inOrder(axes).reduceRight((g, axis) => {
          const by = resampling(method, antialias, axis.kept, axis.to, config);
          const padded = resampleTransposed(tf, g, axis.axis, by);
          return isCropped(axis) ? padded : withoutMargin(tf, padded, axis, before(axis));
        }, gradient);
        return axes.filter(isCropped).reduce((g, axis) => withoutMargin(tf, g, axis, before(axis)), resized);
      },
    }),
  };
}

const isCropped = ({ margin }: AxisPlan): boolean => margin <= 0;

/**
 * Columns before rows, as in TensorFlow, unless the image would be much larger in between. A padded axis comes last, when the
 * other one has its final size: padded first, a strip of 6 x 100,000 pixels could take 200,000 x 100,000.
 */
function inOrder([rows, columns]: Plan['axes']): readonly AxisPlan[] {
  const isRowsFirst =
    isCropped(rows) && isCropped(columns)
      ? isSecondFirst(sizesOf(columns), sizesOf(rows))
      : !isCropped(columns);
  return isRowsFirst ? [rows, columns] : [columns, rows];
}

const sizesOf = ({ kept, to }: AxisPlan) => ({ from: kept, to });

function withMargin(tf: TF, x: Tensor, { axis, margin, kept }: AxisPlan, fill: number): Tensor {
  if (margin > 0) return tf.pad(x, edges(x, axis, margin, margin), fill);
  return crop(tf, x, axis, -margin, kept);
}

function withoutMargin(tf: TF, g: Tensor, { axis, margin, kept }: AxisPlan, before: number): Tensor {
  if (margin > 0) return crop(tf, g, axis, margin, before);
  return tf.pad(g, edges(g, axis, -margin, before - kept + margin));
}

const edges = (x: Tensor, axis: number, low: number, high: number): [number, number][] =>
  x.shape.map((_, i) => (i === axis ? [low, high] : [0, 0]));

function crop(tf: TF, x: Tensor, axis: number, start: number, length: number): Tensor {
  if (length === x.shape[axis]) return x;
  const begin = x.shape.map((_, i) => (i === axis ? start : 0));
  return tf.slice(
    x,
    begin,
    x.shape.map((n, i) => (i === axis ? length : n)),
  );
}

/** Crops to the largest central part with the aspect ratio of the target. */
function cropToRatio(
  size: number,
  across: number,
  to: number,
  toAcross: number,
): { margin: number; kept: number } {
  const kept = Math.max(Math.min(size, Math.trunc(Math.fround(across * to) / toAcross)), 1);
  return { margin: -Math.trunc((size - kept) / 2), kept };
}

/** Pads both sides to the aspect ratio of the target. An odd difference is rounded down to an even one, as in Keras. */
function padToRatio(
  size: number,
  across: number,
  to: number,
  toAcross: number,
): { margin: number; kept: number } {
  const whole = Math.max(size, Math.trunc(Math.fround(across * to) / toAcross));
  const margin = Math.trunc((whole - size) / 2);
  return { margin, kept: size + 2 * margin };
}

const resizing = resizer((config, height, width) => {
  const [rows, columns] = targets(config);
  const cropToAspectRatio = config.bool('crop_to_aspect_ratio', false);
  const padToAspectRatio = config.bool('pad_to_aspect_ratio', false);
  if (cropToAspectRatio && padToAspectRatio)
    return config.bad('pad_to_aspect_ratio', l10n.t('false where the image is cropped'), padToAspectRatio);
  config.choice('fill_mode', ['constant'], 'constant');
  const change = cropToAspectRatio
    ? cropToRatio
    : padToAspectRatio
      ? padToRatio
      : (kept: number) => ({ margin: 0, kept });
  return {
    axes: [
      { ...rows, ...change(height, width, rows.to, columns.to) },
      { ...columns, ...change(width, height, columns.to, rows.to) },
    ],
    method: config.choice('interpolation', RESIZE_METHODS, 'bilinear'),
    antialias: config.bool('antialias', false),
    fill: config.number('fill_value', 0),
  };
});

/** The centre of an image; a smaller image is cropped to the aspect ratio and enlarged, as by Keras's `smart_resize`. */
const centerCrop = resizer((config, height, width) => {
  const [rows, columns] = targets(config);
  const plain = { method: 'bilinear', antialias: false, fill: 0 } as const;
  if (height >= rows.to && width >= columns.to) {
    const centred = (target: AxisTarget, size: number): AxisPlan => ({
      ...target,
      margin: -Math.floor((size - target.to) / 2),
      kept: target.to,
    });
    return { ...plain, axes: [centred(rows, height), centred(columns, width)] };
  }
  return {
    ...plain,
    axes: [
      { ...rows, ...cropToRatio(height, width, rows.to, columns.to) },
      { ...columns, ...cropToRatio(width, height, columns.to, rows.to) },
    ],
  };
});

export const resizingLayers: KindTable = { Resizing: resizing, CenterCrop: centerCrop };
