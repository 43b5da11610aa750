import * as l10n from '@vscode/l10n';
import type { Shape } from '../../shared/model';
import { damaged } from './damaged';
import type { GraphNode } from './graph';

/** Limit of the values of one tensor: 1 GB of float32. A tiny config may declare a padding of billions. */
export const MAX_VALUES = 2 ** 28;

/** Whether every size is unknown or a whole number from 0 on. */
export const isPossibleShape = (shape: Shape): boolean =>
  shape.every((size) => size === null || (Number.isSafeInteger(size) && size >= 0));

/**
 * Rules do not check every number in a config: -1 units or half a filter show up in the shapes.
 * @throws Failure `bad-config` for a size that is neither unknown nor a whole number from 0 on.
 */
export function checkSizes(node: Pick<GraphNode, 'path'>, shape: Shape): void {
  if (isPossibleShape(shape)) return;
  const text = shape.map((size) => size ?? 'None').join(', ');
  damaged(
    l10n.t('The config of layer "{0}" implies the impossible shape ({1}).', node.path, text),
    node.path,
  );
}
