import * as l10n from '@vscode/l10n';
import { isRecord } from '../../layers/support/records';
import type { IndexPart } from '../manipulation/slicing';
import type { OperationArguments } from './spelling';

/**
 * The index of `x[...]` as files write it: one part or a list of them, each an integer, `null` for a new axis, a slice
 * (`{class_name: '__slice__', config: {start, stop, step}}` in Keras 3, `{start, stop, step}` in Keras 2) or an ellipsis
 * (`{class_name: '__ellipsis__'}`). Numbers in it may be computed by the model itself.
 * @throws Failure `bad-config` for what is none of these, such as an array of positions.
 */
export function indexParts(args: OperationArguments, key: string): IndexPart[] {
  const given = args.raw(key);
  const list = isRecord(given) && Array.isArray(given.items) ? given.items : given;
  return (Array.isArray(list) ? list : [list]).map((part) => partOf(args, key, part));
}

function partOf(args: OperationArguments, key: string, part: unknown): IndexPart {
  if (part === null || part === undefined) return { kind: 'newaxis' };
  const isComputed = args.isComputedNumber(part);
  if (typeof part === 'number' || isComputed) {
    const [index] = args.sizes(key, part);
    return { kind: 'at', index: index ?? 0, ...(isComputed && { open: true }) };
  }
  if (!isRecord(part)) return args.bad(key, l10n.t('positions and slices'), part);
  if (part.class_name === '__ellipsis__') return { kind: 'ellipsis' };
  const slice = isRecord(part.config) ? part.config : part;
  if (!('start' in slice && 'stop' in slice)) return args.bad(key, l10n.t('positions and slices'), part);
  const ends = [slice.start, slice.stop, slice.step ?? null];
  const [start = null, stop = null, step] = ends.map((end) => args.sizes(key, end)[0] ?? null);
  const isOpen = ends.some((end, i) => end !== null && [start, stop, step][i] === null);
  return { kind: 'range', start, stop, step: step ?? 1, ...(isOpen && { open: true }) };
}
