import { HOLE, holding } from '../../keras/config';
import { inputTensor, startInput } from '../../keras/input';
import { layerIn, nameOf, newLayer } from '../../keras/layer';
import type { Arguments, Machine } from '../../machine';
import type { CallExpression } from '../../syntax/ast';
import { type Layer, type Tensor, UNKNOWN, type Value } from '../../values';
import { refusedOptions } from './checks';
import { configOf, Options, sizesOf, startOf } from './options';
import type { Factory } from './table';

/** Layers that make cells, which take names. */
const CELLS: Readonly<Record<string, string>> = {
  LSTM: 'LSTMCell',
  GRU: 'GRUCell',
  SimpleRNN: 'SimpleRNNCell',
  ConvLSTM2D: 'ConvLSTM2DCell',
};

/** `tf.layers.conv2d({...})`. */
export function makeLayer(machine: Machine, factory: Factory, given: Arguments, site: CallExpression): Layer {
  const options = new Options(given);
  const config = configOf(factory, options);
  const refused = refusedOptions(factory, options);
  if (refused !== null) machine.report({ at: site, message: refused, fixes: [] });
  const wrapped = layerIn(options.get('layer'));
  const layer = newLayer(machine, {
    className: factory.class,
    config: holding(config),
    name: nameOf(machine, factory.class, options.get('name')),
    site,
    functions: new Map(),
    wrapped,
  });
  const inner = wrapped?.className ?? '';
  for (const className of [factory.class, inner]) if (CELLS[className]) machine.loseName(CELLS[className]);
  machine.layers.push(layer);
  return layer;
}

/** `tf.input({ shape })`: the output of a new input layer. */
export function makeInput(machine: Machine, given: Arguments, site: CallExpression): Tensor {
  const options = new Options(given);
  const whole = sizesOf(options.get('batchShape'));
  const rest = sizesOf(options.get('shape'));
  const shape = whole ?? (rest === null ? null : [null, ...rest]);
  return inputTensor(machine, shape, options.get('name'), site, site);
}

/** `tf.layers.inputLayer({ inputShape })`. */
export function makeInputLayer(machine: Machine, given: Arguments, site: CallExpression): Value {
  const options = new Options(given);
  const start = startOf('InputLayer', options);
  const shape = start === HOLE ? null : start;
  const layer = newLayer(machine, {
    className: 'InputLayer',
    config: shape === null ? {} : { batch_shape: shape },
    name: nameOf(machine, 'InputLayer', options.get('name')),
    site,
    functions: new Map(),
    wrapped: null,
  });
  if (shape === null) {
    machine.layers.push(layer);
    return UNKNOWN;
  }
  startInput(machine, layer, shape, site);
  return layer;
}
