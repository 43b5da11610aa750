import * as l10n from '@vscode/l10n';
import { layerIn } from '../../keras/layer';
import { addLayer, makeFunctional, makeSequential } from '../../keras/models';
import type { Arguments, Machine } from '../../machine';
import type { CallExpression } from '../../syntax/ast';
import { itemsOf, type Model, UNDEFINED, UNKNOWN, type Value } from '../../values';
import { Options } from './options';

/** `tf.sequential({ layers, name })`. */
export function makeTfSequential(machine: Machine, given: Arguments, site: CallExpression): Value {
  const options = new Options(given);
  const layers = options.get('layers');
  const made = makeSequential(machine, named({ name: options.get('name') }), site);
  if (made.kind !== 'model' || layers.kind === 'none') return made;
  const items = itemsOf(layers);
  if (items === null) machine.set(made.state, made.state.lost);
  for (const item of items ?? []) addTo(machine, made, item, site);
  return made;
}

/** `tf.model({ inputs, outputs, name })`. */
export function makeTfModel(machine: Machine, given: Arguments, site: CallExpression): Value {
  const options = new Options(given);
  const parts = { inputs: options.get('inputs'), outputs: options.get('outputs'), name: options.get('name') };
  if (parts.inputs.kind === 'none' || parts.outputs.kind === 'none') return UNKNOWN;
  return makeFunctional(machine, named(parts), site);
}

const named = (values: Readonly<Record<string, Value>>): Arguments => ({
  positional: [],
  named: new Map(Object.entries(values)),
  isOpen: false,
});

/** `model.add(layer)`: the first layer states its input. */
export function addTo(machine: Machine, model: Model, value: Value, site: CallExpression): void {
  const { layers, outputs } = model.state.value;
  const first = layerIn(value);
  const isFirst = model.className === 'Sequential' && layers?.length === 0 && outputs === null;
  if (
    isFirst &&
    first?.kind === 'layer' &&
    first.className !== 'InputLayer' &&
    !('batch_input_shape' in first.config)
  ) {
    const message = l10n.t('The first layer of a sequential model needs an inputShape.');
    machine.report({ at: first.site ?? site, message, fixes: [] });
    machine.set(model.state, model.state.lost);
    return;
  }
  addLayer(machine, model, value, site);
}

/** What a layer or model is called on: one tensor in an array is that tensor, but for layers that merge. */
export function callArguments(callee: Value, { positional, isOpen }: Arguments): Arguments {
  const [first = UNDEFINED, more = UNDEFINED] = positional;
  const items = itemsOf(first);
  const [only] = items ?? [];
  const isOne =
    items?.length === 1 && only !== undefined && !(callee.kind === 'layer' && MERGING.test(callee.className));
  return {
    positional: [isOne ? only : first],
    named: new Map(),
    // Initial states and constants are not followed.
    isOpen: isOpen || more.kind !== 'none',
  };
}

const MERGING = /^(Add|Average|Concatenate|Dot|Maximum|Minimum|Multiply)$/;
