import type { Shape } from '../../../shared/model';
import type { Arguments, Machine } from '../machine';
import type { CallExpression } from '../syntax/ast';
import { type Layer, type Tensor, UNKNOWN, type Value } from '../values';
import { bind } from './binding';
import { addNode } from './call';
import { nameOf, newLayer } from './layer';
import { INPUT } from './signatures';
import { sizeOf, sizesOf } from './structure';

/** `keras.Input(...)`: the output of a new input layer. */
export function makeInput(machine: Machine, given: Arguments, site: CallExpression): Tensor {
  const { values, problem } = bind('Input', INPUT, given);
  if (problem !== null) machine.report({ at: site, message: problem, fixes: [] });
  const argumentNamed = (name: string): Value => values.get(name) ?? UNKNOWN;
  const shape = inputShape(argumentNamed('shape'), argumentNamed('batch_shape'), argumentNamed('batch_size'));
  return inputTensor(machine, shape, values.get('name') ?? null, site, site);
}

/** The shape with its batch axis; `null` where it is not known. */
export function inputShape(shape: Value, batchShape: Value, batchSize: Value): Shape | null {
  const whole = sizesOf(batchShape);
  if (whole !== null) return whole;
  const rest = sizesOf(shape);
  const batch = batchSize.kind === 'none' ? null : sizeOf(batchSize);
  return rest === null || batch === undefined ? null : [batch, ...rest];
}

/** @param site of the layer, `null` where the program does not write it. */
export function inputTensor(
  machine: Machine,
  shape: Shape | null,
  name: Value | null,
  site: CallExpression | null,
  at: CallExpression,
): Tensor {
  const layer = newLayer(machine, {
    className: 'InputLayer',
    config: shape === null ? {} : { batch_shape: shape },
    name: nameOf(machine, 'InputLayer', name ?? undefined),
    site,
    functions: new Map(),
    wrapped: null,
  });
  return startInput(machine, layer, shape, at);
}

const START = { inputs: [], call: { args: [], kwargs: {} }, isOpen: false };

/** The output of an input layer. */
export function startInput(machine: Machine, layer: Layer, shape: Shape | null, at: CallExpression): Tensor {
  if (layer.site !== null && !machine.layers.includes(layer)) machine.layers.push(layer);
  machine.set(layer.built, { weights: [], count: 0 });
  const node = addNode(machine, layer, START, shape === null ? null : [shape]);
  if (layer.site !== null)
    machine.uses.push({
      layer,
      site: at,
      inputs: [],
      outputs: shape === null ? null : [shape],
      params: 0,
      multiplyAdds: 0,
      node,
    });
  return node.outputs[0] ?? { kind: 'tensor', shape, origin: node, output: 0 };
}
