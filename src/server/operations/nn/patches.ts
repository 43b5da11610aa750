import * as l10n from '@vscode/l10n';
import { steps } from '../arithmetic/formulaSteps';
import { formula, type Value } from '../compound';
import { concatenate } from '../manipulation/joining';
import { reshape, transpose } from '../manipulation/reshaping';
import { getItem, type IndexPart } from '../manipulation/slicing';
import { type Operation, operandAt, product, refuse, shapeText } from '../operation';

/** The windows of `keras.ops.image.extract_patches`. */
export interface Patches {
  readonly size: readonly [number, number];
  readonly strides: readonly [number, number];
  readonly dilation: number;
  readonly padding: 'same' | 'valid';
}

/**
 * `keras.ops.image.extract_patches` of images with their channels last: [batch, height, width, channels] gives
 * [batch, rows, columns, size * size * channels].
 */
export function extractPatches({ size, strides, dilation, padding }: Patches): Operation {
  if (product(size) > 4096 || size.some((n) => n < 1) || strides.some((n) => n < 1)) {
    refuse(l10n.t('patches of {0} are not computed.', size.join(' x ')));
  }
  return formula((apply, operands) => {
    const { of } = steps(apply);
    const x = operandAt(operands, 0);
    const [batch = null, height = null, width = null, channels = null] = x.shape;
    if (x.shape.length !== 4 || height === null || width === null) {
      return refuse(l10n.t('patches are extracted from a batch of images of known size.'));
    }
    if (padding === 'same') refuse(l10n.t('patches that extend beyond the image are not computed.'));
    const [rows = 0, columns = 0] = [height, width].map((n, i) =>
      Math.floor((n - ((size[i] ?? 1) - 1) * dilation - 1) / (strides[i] ?? 1) + 1),
    );
    const [down, across] = size;
    if (strides[0] === down && strides[1] === across && dilation === 1) {
      // Adjacent patches: only the order of values changes.
      const part = of(
        getItem([range(0, batch, 1), range(0, rows * down, 1), range(0, columns * across, 1)]),
        x,
      );
      const apart = of(reshape([batch ?? -1, rows, down, columns, across, channels]), part);
      const ordered = of(transpose([0, 1, 3, 2, 4, 5]), apart);
      return of(
        reshape([batch ?? -1, rows, columns, channels === null ? null : down * across * channels]),
        ordered,
      );
    }
    const cuts = Array.from({ length: down * across }, (_, i): Value => {
      const [top, left] = [Math.floor(i / across) * dilation, (i % across) * dilation];
      const along = (start: number, count: number, step: number) =>
        range(start, start + (count - 1) * step + 1, step);
      return of(
        getItem([range(0, batch, 1), along(top, rows, strides[0]), along(left, columns, strides[1])]),
        x,
      );
    });
    return of(concatenate(3), ...cuts);
  });
}

const range = (start: number, stop: number | null, step: number): IndexPart => ({
  kind: 'range',
  start,
  stop,
  step,
});

/** `keras.ops.depth_to_space`, channels last: blocks of channels become blocks of pixels. */
export function depthToSpace(block: number): Operation {
  return formula((apply, operands) => {
    const { of } = steps(apply);
    const x = operandAt(operands, 0);
    if (x.shape.length !== 4) return refuse(l10n.t('{0} is not a shape of images.', shapeText(x.shape)));
    const [batch = null, height = null, width = null, channels = null] = x.shape;
    if (channels === null) return refuse(l10n.t('its number of channels is unknown.'));
    if (channels % (block * block) !== 0) {
      return refuse(l10n.t('{0} channels do not divide into blocks of {1} x {2}.', channels, block, block));
    }
    const depth = channels / (block * block);
    const apart = of(reshape([batch, height, width, block, block, depth]), x);
    const ordered = of(transpose([0, 1, 3, 2, 4, 5]), apart);
    return of(reshape([batch, scaledSize(height, block), scaledSize(width, block), depth]), ordered);
  });
}

/** `keras.ops.space_to_depth`, channels last: blocks of pixels become blocks of channels. */
export function spaceToDepth(block: number): Operation {
  return formula((apply, operands) => {
    const { of } = steps(apply);
    const x = operandAt(operands, 0);
    if (x.shape.length !== 4) return refuse(l10n.t('{0} is not a shape of images.', shapeText(x.shape)));
    const [batch = null, height = null, width = null, channels = null] = x.shape;
    if (height === null || width === null || height % block !== 0 || width % block !== 0) {
      return refuse(
        l10n.t(
          '{0} x {1} pixels do not divide into blocks of {2} x {3}.',
          height ?? '?',
          width ?? '?',
          block,
          block,
        ),
      );
    }
    const apart = of(reshape([batch, height / block, block, width / block, block, channels]), x);
    const ordered = of(transpose([0, 1, 3, 2, 4, 5]), apart);
    const depth = channels === null ? null : channels * block * block;
    return of(reshape([batch, height / block, width / block, depth]), ordered);
  });
}

const scaledSize = (size: number | null, factor: number): number | null =>
  size === null ? null : size * factor;
