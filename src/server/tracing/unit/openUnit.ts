import * as l10n from '@vscode/l10n';
import { fail } from '../../../shared/errors';
import type { OpenedUnit } from '../../../shared/results/unit';
import { resolveLayer } from '../../explain/layerChoice';
import { compareDescending } from '../../explain/ranking';
import type { TensorRef } from '../../graph/graph';
import { isJoint } from '../../layers/activations/joint';
import type { Activation } from '../../layers/kind';
import { activationOf, layerContext, runnableKind, type Trace } from '../../run/trace';
import { cellAt, type FeatureMap, indexOf, mapLayout, maximaIn, wholeBox } from '../featureMap';
import { ruleOf } from './families';
import { hiddenSteps } from './recurrentLayer';
import { slopes } from './slopes';
import { agrees, sumUp } from './terms';
import { type Found, flatIndex, indexWithoutBatch, type UnitAt } from './unitAt';

/** Which value of a layer; the first of the largest values where `unit` or `position` is left out. */
export interface UnitQuestion {
  readonly layer: string;
  readonly output?: number | undefined;
  readonly unit?: number | undefined;
  readonly position?: readonly number[] | undefined;
  /** In place of both: among the values of the layer's output, without the batch axis; null for one that is none of them. */
  readonly index?: readonly number[] | null | undefined;
}

/**
 * Takes one value of a layer apart: the terms of the sum that it is, with the places that their inputs come from. A layer whose
 * way of computing has no rule is described by its derivatives at the value.
 * @throws Failure `no-such-layer`, `unknown-layer`, `no-such-target`, `not-applicable`.
 */
export async function openUnit(trace: Trace, question: UnitQuestion): Promise<OpenedUnit> {
  const ref = refOf(trace, question);
  const node = trace.graph.nodes.get(ref.node);
  const values = trace.at(ref.node);
  const tensor = trace.tensorAt(ref);
  const kind = node && runnableKind(node);
  if (!node || !kind) return fail('no-such-layer', l10n.t('The model has no layer "{0}".', ref.node));
  if (tensor.dtype === 'string') refuseText(ref.node);
  const map: FeatureMap = { ref, data: await tensor.data(), ...mapLayout(trace, node, tensor.shape) };
  const steps = map.sizes.length === 0 ? hiddenSteps(trace, node, ref) : null;
  const sizes = steps === null ? map.sizes : [steps.count];
  const { unit, position } = chosen(map, sizes, question, steps?.last);
  const isHidden = steps !== null && position[0] !== steps.last;
  const flat = isHidden ? null : indexOf(map, { channel: unit, position: steps === null ? position : [] });
  const ctx = layerContext(trace, node, await trace.weights.of(node));
  const before = ref.output === 0 && values.pre ? await values.pre.data() : map.data;
  const valueIn = (data: ArrayLike<number>): number =>
    flat === null ? Number.NaN : (data[flat] ?? Number.NaN);
  const at: UnitAt = {
    ...{ trace, node, kind, ctx, ref, map, unit, position, flat },
    ...{ pre: valueIn(before), post: valueIn(map.data) },
  };
  const found = await takeApart(at);
  const activation = ref.output === 0 ? activationOf(kind, ctx) : null;
  const { pre = at.pre, post = at.post } = found;
  return {
    ...{ layer: ref.node, className: node.className, output: ref.output },
    ...{ unit, units: map.channels, position, sizes },
    index: flat === null ? null : indexWithoutBatch(map.shape, flat),
    form: found.form,
    ...sumUp(pre, found.bias, found.terms),
    activation: found.activation === undefined ? (activation?.name ?? null) : found.activation,
    post,
    window: found.window ?? null,
    factors: found.factors ?? [],
    gates: found.gates ?? [],
    attention: found.attention ?? [],
    notices: [...(found.notices ?? []), ...jointNotice(activation)],
  };
}

/** What the rule of the layer finds, if its sum is what the model computed; else what the derivatives tell. */
async function takeApart(at: UnitAt): Promise<Found> {
  const rule = ruleOf(at);
  const found = rule ? await rule(at) : null;
  if (found && (at.flat === null || isComputed(at, found))) return found;
  if (at.flat === null) return refuseStep(at);
  return slopes(at);
}

/** Whether what a rule found is what the model computed. */
function isComputed({ pre, post }: UnitAt, found: Found): boolean {
  const sum = sumUp(found.pre ?? pre, found.bias, found.terms);
  return sum.agrees && agrees(found.post ?? post, post, Math.abs(post));
}

function refOf({ graph }: Trace, { layer, output }: UnitQuestion): TensorRef {
  const ref = resolveLayer(graph, layer);
  return output === undefined ? ref : { node: ref.node, output };
}

/** @param last the step that is shown if none is asked for, of a layer that returns its last step only */
function chosen(
  map: FeatureMap,
  sizes: readonly number[],
  { index, ...named }: UnitQuestion,
  last: number | undefined,
): { readonly unit: number; readonly position: readonly number[] } {
  const { unit, position: asked } = index ? placeOf(map, index) : named;
  const own = unit ?? strongest(map);
  // A value of the layer's output has no position of its own: it is that of the last step.
  const position = last !== undefined && asked?.length === 0 ? [last] : asked;
  checkCell(map, sizes, own, position);
  if (position !== undefined) return { unit: own, position };
  if (last !== undefined) return { unit: own, position: [last] };
  const [first = 0] = maximaIn(map, own, wholeBox(map), 1).indexes;
  return { unit: own, position: cellAt(map, first).position };
}

/** @throws Failure `no-such-target`. */
function placeOf(map: FeatureMap, index: readonly number[]): Pick<UnitQuestion, 'unit' | 'position'> {
  const sizes = map.shape.slice(1);
  if (index.length !== sizes.length || !index.every((at, axis) => at < (sizes[axis] ?? 0))) {
    fail('no-such-target', l10n.t('Layer "{0}" has no value at [{1}].', map.ref.node, index.join(', ')), {
      subject: map.ref.node,
      remedy: l10n.t('Its values are {0}.', sizes.join(' x ')),
    });
  }
  const { channel, position } = cellAt(map, flatIndex(map.shape, index));
  return { unit: channel, position };
}

/** The channel with the largest value. */
function strongest(map: FeatureMap): number {
  let best = 0;
  for (let i = 1; i < map.data.length; i++) if (compareDescending(map.data[i], map.data[best]) < 0) best = i;
  return cellAt(map, best).channel;
}

function checkCell(
  { channels, ref }: FeatureMap,
  sizes: readonly number[],
  unit: number,
  position: readonly number[] | undefined,
): void {
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
  if (position === undefined) return;
  if (position.length === sizes.length && position.every((at, i) => at < (sizes[i] ?? 0))) return;
  fail('no-such-target', l10n.t('Layer "{0}" has no position [{1}].', ref.node, position.join(', ')), {
    subject: ref.node,
    remedy:
      sizes.length === 0
        ? l10n.t('Its values have no positions: leave the position out.')
        : l10n.t('Its positions go up to [{0}].', sizes.map((size) => size - 1).join(', ')),
  });
}

function refuseText(layer: string): never {
  return fail('not-applicable', l10n.t('Layer "{0}" gives text, which is computed from no numbers.', layer), {
    subject: layer,
    remedy: l10n.t('Choose a layer after the text has become numbers.'),
  });
}

function refuseStep({ node, position }: UnitAt): never {
  return fail(
    'not-applicable',
    l10n.t(
      'Step {0} of layer "{1}" cannot be taken apart: the layer returns its last step only.',
      position.join(),
      node.path,
    ),
    { subject: node.path, remedy: l10n.t('Leave the position out.') },
  );
}

const jointNotice = (activation: Activation | null): string[] =>
  activation !== null && isJoint(activation)
    ? [l10n.t('{0} also depends on the sums of the other units.', activation.name)]
    : [];
