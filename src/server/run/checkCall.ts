import * as l10n from '@vscode/l10n';
import { fail } from '../../shared/errors';
import type { Shape } from '../../shared/model';
import { allNames } from '../../shared/texts/nameList';
import { isPossibleShape, MAX_VALUES } from '../graph/checkSizes';
import type { GraphNode } from '../graph/graph';
import { checkWeightShapes } from '../graph/weightShapes';
import { mayBeCustom } from '../kinds/registry';
import type { LayerKind, Tensor } from '../layers/kind';
import { withLayerErrors } from './layerErrors';

/** What a node passed its checks with last. They depend on shapes alone, which the next input of a model mostly shares. */
interface Passed {
  readonly kind: LayerKind;
  readonly shapes: string;
  /** Of the values that the node will compute. */
  readonly bytes: number;
  weights: readonly Tensor[] | null;
}

const passed = new WeakMap<GraphNode, Passed>();

function knownFor(node: GraphNode, kind: LayerKind, shapes: string): Passed | undefined {
  const known = passed.get(node);
  return known?.kind === kind && known.shapes === shapes ? known : undefined;
}

const shapesOf = (inputs: readonly Tensor[]): string => inputs.map(({ shape }) => shape.join()).join(';');

/**
 * Bytes of the values that a node will compute.
 * @throws Failure `too-large` before anything is allocated, `bad-input` for shapes that do not fit
 */
export function checkSizes(node: GraphNode, kind: LayerKind, inputs: readonly Tensor[]): number {
  const shapes = shapesOf(inputs);
  const known = knownFor(node, kind, shapes);
  if (known) return known.bytes;
  const bytes = bytesOf(node, kind, inputs);
  // The layer of a user may depend on anything.
  if (!mayBeCustom(node.className, node.config.values))
    passed.set(node, { kind, shapes, bytes, weights: null });
  return bytes;
}

function bytesOf(node: GraphNode, kind: LayerKind, inputs: readonly Tensor[]): number {
  const given = inputs.map((tensor) => tensor.shape);
  const shapes = withLayerErrors(node, () =>
    kind.outputShapes(node.config, given, node.call, node.inputValues),
  );
  let bytes = 0;
  for (const shape of shapes) {
    if (!isPossibleShape(shape)) failImpossible(node, given, shape);
    // An empty axis must not hide the others: a sum along it has all of their values.
    const size = shape.reduce<number>((product, length) => product * Math.max(1, length ?? 1), 1);
    bytes += size * 4;
    if (size <= MAX_VALUES) continue;
    fail(
      'too-large',
      l10n.t('Layer "{0}" would give {1} values ({2}).', node.path, size, shape.join(' x ')),
      {
        subject: node.path,
        remedy: l10n.t('Choose a smaller input.'),
      },
    );
  }
  return bytes;
}

/** An open input size may not fit the layers, e.g. half of five values. */
function failImpossible(node: GraphNode, given: readonly Shape[], shape: Shape): never {
  const inputs = allNames(given.map((sizes) => `[${sizes.join(', ')}]`));
  return fail(
    'bad-input',
    l10n.t(
      'Layer "{0}" cannot take what has the shape {1}: it would give [{2}].',
      node.path,
      inputs,
      shape.join(', '),
    ),
    { subject: node.path, remedy: l10n.t('Choose an input of another size.') },
  );
}

/** Checks the weights against the actual input shapes. @throws Failure `bad-config` */
export function checkWeights(
  node: GraphNode,
  kind: LayerKind,
  inputs: readonly Tensor[],
  weights: readonly Tensor[],
): void {
  if (weights.length === 0 || kind.weights === undefined) return;
  const known = knownFor(node, kind, shapesOf(inputs));
  if (known?.weights === weights) return;
  const given = inputs.map((tensor) => tensor.shape);
  const wanted = withLayerErrors(node, () => kind.weights?.(node.config, given, node.call) ?? []);
  checkWeightShapes(node.path, weights, wanted);
  if (known) known.weights = weights;
}
