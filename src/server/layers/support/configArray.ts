import * as l10n from '@vscode/l10n';
import type { LayerConfig } from '../../graph/layerConfig';
import { isRecord } from './records';

/** A number or a nested list of numbers from a config. */
export interface ConfigArray {
  readonly shape: number[];
  /** Row-major. */
  readonly values: Float32Array;
}

/**
 * Reads an argument that is a number, a rectangular (nested) list of numbers or a NumPy array as Keras 3 serializes it
 * (`{class_name: '__numpy__', config: {value, dtype}}`).
 * @throws Failure `bad-config` that names the layer and the argument.
 */
export function arrayOf(config: LayerConfig, key: string, fallback?: number): ConfigArray {
  const raw = config.raw(key) ?? fallback;
  const plain = isRecord(raw) && isRecord(raw.config) ? raw.config.value : raw;
  const shape: number[] = [];
  for (let level = plain; Array.isArray(level); level = level[0]) shape.push(level.length);
  const values: number[] = [];
  if (!collect(plain, shape, 0, values))
    return config.bad(key, l10n.t('a number or an array of numbers'), raw);
  return { shape, values: Float32Array.from(values) };
}

function collect(value: unknown, shape: readonly number[], depth: number, into: number[]): boolean {
  if (depth < shape.length) {
    if (!Array.isArray(value) || value.length !== shape[depth]) return false;
    return value.every((part) => collect(part, shape, depth + 1, into));
  }
  if (typeof value !== 'number') return false;
  into.push(value);
  return true;
}
