import * as l10n from '@vscode/l10n';
import { fail } from '../../../shared/errors';
import type { LayerConfig } from '../../graph/layerConfig';
import type { KindTable, LayerKind, Tensor, TF } from '../kind';
import { spatialAxes } from '../support/dataFormat';
import { mapSize, onlyShape } from '../support/layerInputs';
import { linear } from '../support/linear';

/** The sizes added or cut [before, after] on each axis of a tensor, batch axis included. */
type Margins = readonly (readonly [number, number])[];

/**
 * Margins of the spatial axes in every form that Keras accepts: one number for all axes, one per axis, or [before, after]
 * per axis; in 1-D a pair is [before, after].
 */
export function margins(config: LayerConfig, key: string, count: number, rank: number): Margins {
  const all: [number, number][] = Array.from({ length: rank }, () => [0, 0]);
  // The default is 1 everywhere except in Cropping2D, where it is 0.
  const given = config.raw(key) ?? (key === 'cropping' && count === 2 ? 0 : 1);
  const list: readonly unknown[] =
    count === 1 ? [given] : Array.isArray(given) ? given : new Array(count).fill(given);
  if (list.length !== count) return config.bad(key, l10n.t('{0} margins', count), given);
  for (const [i, axis] of spatialAxes(config, count).entries()) {
    const [before = 0, after = before, ...more] = config.intList(key, list[i]);
    if (before < 0 || after < 0 || more.length > 0)
      return config.bad(key, l10n.t('margins of 0 or more'), given);
    all[axis] = [before, after];
  }
  return all;
}

function zeroPadding(count: number): LayerKind {
  return {
    role: 'padding',
    outputShapes(config, inputs) {
      const shape = onlyShape(config, inputs, count + 2);
      const added = margins(config, 'padding', count, shape.length);
      return [shape.map((size, axis) => mapSize(size, (n) => n + sum(added[axis])))];
    },
    ...linear({
      forward: ({ tf, config }, x) => pad(tf, x, margins(config, 'padding', count, x.rank)),
      transpose: ({ tf, config }, gradient, x) =>
        crop(tf, gradient, margins(config, 'padding', count, x.rank)),
    }),
  };
}

function cropping(count: number): LayerKind {
  return {
    role: 'reshaping',
    isPassThrough: () => true,
    outputShapes(config, inputs) {
      const shape = onlyShape(config, inputs, count + 2);
      const cut = margins(config, 'cropping', count, shape.length);
      return [
        shape.map((size, axis) =>
          mapSize(size, (n) => (n > sum(cut[axis]) ? n - sum(cut[axis]) : nothingLeft(config, axis))),
        ),
      ];
    },
    ...linear({
      forward({ tf, config }, x) {
        const cut = margins(config, 'cropping', count, x.rank);
        for (const [axis, size] of x.shape.entries()) if (size <= sum(cut[axis])) nothingLeft(config, axis);
        return crop(tf, x, cut);
      },
      transpose: ({ tf, config }, gradient, x) =>
        pad(tf, gradient, margins(config, 'cropping', count, x.rank)),
    }),
  };
}

const sum = ([before, after]: readonly [number, number] = [0, 0]): number => before + after;

const pad = (tf: TF, x: Tensor, added: Margins): Tensor =>
  tf.pad(
    x,
    added.map(([before, after]) => [before, after]),
  );

const crop = (tf: TF, x: Tensor, cut: Margins): Tensor =>
  tf.slice(
    x,
    cut.map(([before]) => before),
    x.shape.map((size, axis) => size - sum(cut[axis])),
  );

function nothingLeft(config: LayerConfig, axis: number): never {
  return fail(
    'wrong-shape',
    l10n.t('Layer "{0}" crops axis {1} of its input away entirely.', config.path, axis),
    {
      subject: config.path,
      remedy: l10n.t('Give the model a larger input.'),
    },
  );
}

export const zeroPaddingLayers: KindTable = {
  ZeroPadding1D: zeroPadding(1),
  ZeroPadding2D: zeroPadding(2),
  ZeroPadding3D: zeroPadding(3),
};

export const croppingLayers: KindTable = {
  Cropping1D: cropping(1),
  Cropping2D: cropping(2),
  Cropping3D: cropping(3),
};
