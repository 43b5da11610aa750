import * as l10n from '@vscode/l10n';
import { fail } from '../../shared/errors';
import { isElementwise } from '../explain/maps/layerPlacement';
import type { GraphNode, TensorRef } from '../graph/graph';
import type { Descent, Value } from './descent';
import { cellAt, type FeatureMap, indexOf, maximaIn, wholeBox } from './featureMap';
import { type Filter, filterOf } from './filter';

/** The convolution whose value a unit is, and the way from the unit down to it. */
export interface ConvolutionBehind {
  readonly node: GraphNode;
  readonly filter: Filter;
  /** The channel of the convolution's output. */
  readonly channel: number;
  /** Where in the convolution's output the unit's value comes from: the first of equal maxima. */
  readonly position: readonly number[];
  readonly output: FeatureMap;
  /** What the convolution reads. */
  readonly input: FeatureMap;
  /** The values from the unit down to the convolution's output. */
  readonly steps: readonly Value[];
  /** Whether other values than that of the position have a part in the unit: an average, or a sum of branches. */
  readonly isMixed: boolean;
}

/**
 * The last convolution before a unit: through poolings, activations, normalisation and the last branch of a merge.
 * @param position of the value to be looked at; the unit's (first) maximum if `null`
 * @throws Failure `not-applicable`, `no-such-target`.
 */
export async function convolutionBehind(
  descent: Descent,
  layer: TensorRef,
  unit: number,
  position: readonly number[] | null = null,
): Promise<ConvolutionBehind> {
  const map = await descent.map(layer);
  checkCell(map, unit, position);
  const index =
    position === null
      ? (maximaIn(map, unit, wholeBox(map), 1).indexes[0] ?? 0)
      : indexOf(map, { position, channel: unit });
  let value: Value = { ref: layer, index };
  const steps = [value];
  let isMixed = false;
  for (;;) {
    const step = await descent.step(value);
    if (step.kind === 'one') value = step.value;
    else if (step.kind === 'max' || step.kind === 'average') {
      isMixed ||= step.kind === 'average';
      const [first] = maximaIn(step.map, step.channel, step.box, 1).indexes;
      if (first === undefined) return noConvolution(layer.node);
      value = { ref: step.map.ref, index: first };
    } else {
      const node = descent.trace.graph.nodes.get(value.ref.node);
      if (step.kind === 'padding' || !node) return noConvolution(layer.node);
      const branch = isElementwise(node) ? lastBranch(descent, node) : undefined;
      if (!branch) {
        const found = await atConvolution(descent, node, value);
        return found ? { ...found, steps, isMixed } : noConvolution(layer.node);
      }
      isMixed = true;
      value = { ref: branch, index: value.index };
    }
    steps.push(value);
  }
}

/** Of the inputs that a merge reads value by value, the last; a gate is not among them. */
function lastBranch({ trace }: Descent, node: GraphNode): TensorRef | undefined {
  const shape = trace.at(node.path).outputs[0]?.shape.join();
  return node.inputs.findLast(
    ({ node: path, output }) => trace.at(path).outputs[output]?.shape.join() === shape,
  );
}

async function atConvolution(descent: Descent, node: GraphNode, value: Value) {
  const [from] = node.inputs;
  if (!from || value.ref.output !== 0) return null;
  const output = await descent.map(value.ref);
  const input = await descent.map(from);
  const { position, channel } = cellAt(output, value.index);
  const filter = await filterOf(descent.trace, node, input, channel);
  return filter && input.sizes.length > 0 ? { node, filter, channel, position, output, input } : null;
}

function checkCell(map: FeatureMap, unit: number, position: readonly number[] | null): void {
  const { sizes, channels, ref } = map;
  if (unit >= channels) {
    fail(
      'no-such-target',
      l10n.t('Layer "{0}" has {1} units; there is no unit {2}.', ref.node, channels, unit),
      {
        subject: ref.node,
        remedy: l10n.t('Choose a number from 0 to {0}.', channels - 1),
      },
    );
  }
  if (position === null) return;
  if (position.length === sizes.length && position.every((at, i) => at < (sizes[i] ?? 0))) return;
  fail('no-such-target', l10n.t('Layer "{0}" has no position [{1}].', ref.node, position.join(', ')), {
    subject: ref.node,
    remedy: l10n.t('Its positions go up to [{0}].', sizes.map((size) => size - 1).join(', ')),
  });
}

function noConvolution(layer: string): never {
  return fail(
    'not-applicable',
    l10n.t('The units of layer "{0}" come from no convolution with plain weights.', layer),
    {
      subject: layer,
      remedy: l10n.t('Choose a convolution, or a pooling or activation after one.'),
    },
  );
}
