import * as l10n from '@vscode/l10n';
import type { Shape } from '../../../shared/model';
import type { LayerConfig } from '../../graph/layerConfig';
import { OpConfig, type Operand, type StaticValues } from '../../graph/opConfig';
import { plainAttributes } from '../../graph/tensorflow/graphDef';
import { attributesOf, OP_PREFIX } from '../../graph/tensorflow/opAttributes';
import type { KindTable, LayerContext, LayerKind, Tensor } from '../../layers/kind';
import { isRecord } from '../../layers/support/records';
import { constantOf } from '../keras/constants';
import type { OpKind } from './opKind';
import { graphOps } from './ops';

/**
 * A `TensorFlowOpLayer`, by which Keras of TensorFlow 2.0 to 2.3 saved `x * 2` or `tf.reduce_mean(x)`: one operation as a
 * TensorFlow graph has it (`node_def`), whose constant operands are in the config by their index.
 */
function opLayer(kind: OpKind): LayerKind {
  const runContext = (ctx: LayerContext, inputs: readonly Tensor[]): LayerContext => ({
    ...ctx,
    config: opConfigOf(
      ctx.config,
      inputs.map(({ shape, dtype }) => ({ shape, dtype, values: null })),
    ),
  });
  const staticConfig = (
    config: LayerConfig,
    inputs: readonly Shape[],
    values: readonly (StaticValues | null)[] = [],
  ): OpConfig =>
    opConfigOf(
      config,
      inputs.map((shape, i) => ({ shape, dtype: 'float32', values: values[i] ?? null })),
    );
  const { activation, activationName, staticValues } = kind;
  return {
    ...(kind.role && { role: kind.role }),
    isPassThrough: (config, inputs) => kind.isPassThrough?.(staticConfig(config, inputs), inputs) ?? false,
    permutation: (config, inputs) => kind.permutation?.(staticConfig(config, inputs), inputs) ?? null,
    outputShapes: (config, inputs, _call, values) =>
      kind.outputShapes(staticConfig(config, inputs, values), inputs),
    ...(staticValues && {
      outputValues(config, inputs, _call, values) {
        const op = staticConfig(config, inputs, values);
        return [staticValues(op, kind.outputShapes(op, inputs)[0] ?? [])];
      },
    }),
    ...(activationName && { activationName: (config) => activationName(opConfigOf(config, [])) }),
    ...(activation && { activation: (config, weights) => activation(opConfigOf(config, []), weights) }),
    forward: (ctx, inputs) => kind.forward(runContext(ctx, inputs), inputs),
    backward: (ctx, step) => kind.backward(runContext(ctx, step.inputs), step),
    ...(kind.mask && { mask: kind.mask }),
  };
}

/** The config as that of an operation: its attributes, and its operands in TensorFlow's order. */
function opConfigOf(
  config: LayerConfig,
  inputs: readonly Pick<Operand, 'shape' | 'dtype' | 'values'>[],
): OpConfig {
  const node = config.raw('node_def');
  if (!isRecord(node) || typeof node.op !== 'string')
    return config.bad('node_def', l10n.t('an operation'), node);
  const given = isRecord(node.attr) ? plainAttributes(node.attr) : {};
  const attributes = attributesOf({ op: node.op, attributes: given });
  const held = config.raw('constants');
  const constants = new Map(isRecord(held) ? Object.entries(held) : []);
  const operands: Operand[] = [];
  for (const [index, input] of inputs.entries()) {
    takeConstants(config, constants, operands, given.T);
    operands.push({ ...input, from: 'input', index, varies: true });
  }
  takeConstants(config, constants, operands, given.T);
  return new OpConfig(attributes, config.path, operands);
}

/** Appends the constants at the next indices. @param type dtype of the tensor operands. */
function takeConstants(
  config: LayerConfig,
  constants: ReadonlyMap<string, unknown>,
  operands: Operand[],
  type: unknown,
): void {
  for (let at = operands.length; constants.has(String(at)); at = operands.length) {
    const value = constants.get(String(at));
    const constant = constantOf(value) ?? config.bad('constants', l10n.t('numbers'), value);
    const { shape, values } = constant;
    const isWhole = type !== 'float32' && values.every(Number.isSafeInteger);
    const dtype = constant.dtype ?? (isWhole ? 'int32' : 'float32');
    operands.push({ from: 'value', index: at, shape, dtype, values, varies: false });
  }
}

/** `tf.raw_ops.AddV2` and so on, as parseModel names these layers. */
export const opLayers: KindTable = Object.fromEntries(
  Object.entries(graphOps).map(([name, kind]) => [
    `tf.raw_ops.${name.slice(OP_PREFIX.length)}`,
    opLayer(kind),
  ]),
);
