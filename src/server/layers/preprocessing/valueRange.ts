import * as l10n from '@vscode/l10n';
import type { LayerConfig } from '../../graph/layerConfig';

/** The declared minimum and maximum of an image's values. */
export type ValueRange = readonly [number, number];

/** The range of 8-bit images. */
export const BYTES: ValueRange = [0, 255];

/** Argument `value_range`, two different numbers. */
export function valueRange(config: LayerConfig): ValueRange {
  const raw = config.raw('value_range') ?? BYTES;
  const [low, high]: unknown[] = Array.isArray(raw) ? raw : [];
  if (typeof low !== 'number' || typeof high !== 'number' || low === high) {
    return config.bad('value_range', l10n.t('two different numbers'), raw);
  }
  return [low, high];
}

export const sameRange = (a: ValueRange, b: ValueRange): boolean => a[0] === b[0] && a[1] === b[1];
