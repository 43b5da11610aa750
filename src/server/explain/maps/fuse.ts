import * as l10n from '@vscode/l10n';
import { fail } from '../../../shared/errors';
import { resizeMap } from '../../../shared/maps/displayMap';
import type { MethodInfo } from '../../../shared/methods';
import type { RawMap } from '../method';

export const FUSE_RULES = ['mean', 'max', 'product'] as const;
export type FuseRule = (typeof FUSE_RULES)[number];

/** @throws Failure `bad-input` for a method without the option `fuse`. */
export function checkFuses({ label, options }: MethodInfo): void {
  if (options.some(({ name }) => name === 'fuse')) return;
  fail('bad-input', l10n.t('{0} explains at one layer: the maps of several cannot be fused.', label), {
    subject: 'layer',
    remedy: l10n.t('Choose one layer.'),
  });
}

/**
 * Fuses the maps of several layers, resized to the largest of them (bilinear, half-pixel centres).
 * `mean` and `max` are of the maps divided by their largest absolute values; `product` is of the maps scaled to 0..1 between
 * their smallest and largest values (RefineCAM, Qiu et al. 2023).
 */
export function fuseMaps(maps: readonly RawMap[], rule: FuseRule): RawMap {
  const [first, ...others] = maps;
  if (first === undefined) throw new Error('There is no map to fuse.');
  if (others.length === 0) return first;
  const largest = maps.reduce((a, b) => (b.values.length > a.values.length ? b : a));
  const scaled = maps.map((map) =>
    resizeMap(rule === 'product' ? minMax(map) : byLargest(map), largest.shape),
  );
  const values = new Float32Array(largest.values.length).map((_, i) => {
    const at = scaled.map((map) => map.values[i] ?? Number.NaN);
    if (rule === 'max') return at.reduce((a, b) => Math.max(a, b));
    return rule === 'product' ? at.reduce((a, b) => a * b) : at.reduce((a, b) => a + b) / at.length;
  });
  return { shape: largest.shape, values };
}

function byLargest({ shape, values }: RawMap): RawMap {
  const largest = values.reduce((a, b) => Math.max(a, Math.abs(b)), 0);
  return { shape, values: largest > 0 ? values.map((value) => value / largest) : values };
}

function minMax({ shape, values }: RawMap): RawMap {
  const min = values.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  const max = values.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  return { shape, values: values.map((value) => (max > min ? (value - min) / (max - min) : 0)) };
}
