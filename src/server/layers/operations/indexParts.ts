import type { LayerConfig } from '../../graph/layerConfig';
import { isRecord } from '../records';
import type { IndexPart } from './slicing';

/**
 * The index of `x[...]` as files write it: one part or a list of them, each an integer, `null` for a new axis, a slice
 * (`{class_name: '__slice__', config: {start, stop, step}}` in Keras 3, `{start, stop, step}` in Keras 2) or an ellipsis
 * (`{class_name: '__ellipsis__'}`).
 * @throws Failure `bad-config` for what is none of these, such as an index that is itself a tensor.
 */
export function indexParts(config: LayerConfig, key: string): IndexPart[] {
  const given = config.raw(key);
  return (Array.isArray(given) ? given : [given]).map((part) => partOf(config, key, part));
}

function partOf(config: LayerConfig, key: string, part: unknown): IndexPart {
  if (part === null || part === undefined) return { kind: 'newaxis' };
  if (typeof part === 'number') return { kind: 'at', index: part };
  if (!isRecord(part)) return config.bad(key, 'positions and slices', part);
  if (part.class_name === '__ellipsis__') return { kind: 'ellipsis' };
  const slice = isRecord(part.config) ? part.config : part;
  if (!('start' in slice && 'stop' in slice)) return config.bad(key, 'positions and slices', part);
  const end = (value: unknown): number | null =>
    value === null || value === undefined
      ? null
      : typeof value === 'number' && Number.isSafeInteger(value)
        ? value
        : config.bad(key, 'slices between whole numbers', part);
  return { kind: 'range', start: end(slice.start), stop: end(slice.stop), step: end(slice.step) ?? 1 };
}
