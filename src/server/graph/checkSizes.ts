import type { Shape } from '../../shared/model';
import { damaged } from './damaged';
import type { GraphNode } from './graph';

/**
 * Rules do not check every number in a config: -1 units or half a filter show up in the shapes.
 * @throws Failure `bad-config` for a size that is neither unknown nor a whole number from 0 on.
 */
export function checkSizes(node: Pick<GraphNode, 'path'>, shape: Shape): void {
  if (shape.every((size) => size === null || (Number.isSafeInteger(size) && size >= 0))) return;
  const text = shape.map((size) => size ?? 'None').join(', ');
  damaged(`The config of layer "${node.path}" implies the impossible shape (${text}).`, node.path);
}
