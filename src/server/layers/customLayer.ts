import * as l10n from '@vscode/l10n';
import { fail } from '../../shared/errors';
import type { Shape } from '../../shared/model';
import type { LayerConfig } from '../graph/layerConfig';
import type { WeightSpec } from '../graph/layerRule';
import type { BackwardStep, LayerContext, LayerKind, Tensor, TF } from './kind';
import { isFloat } from './support/layerInputs';

/** The arguments of a custom layer's functions: the tensor library, the layer's config as saved, its weights in order. */
export interface CustomContext {
  readonly tf: TF;
  readonly config: Readonly<Record<string, unknown>>;
  readonly weights: readonly Tensor[];
}

/**
 * A custom layer class that a user implements in a JavaScript module (setting `layerglass.customLayers`), documented in
 * docs/custom-layers.md. No part of it comes from a model file.
 */
export interface CustomLayer {
  /** Output shape, or a list of shapes; batch axis first, `null` for unknown sizes. Default: the first input's shape. */
  outputShape?(config: Readonly<Record<string, unknown>>, inputShapes: readonly Shape[]): unknown;
  /**
   * The weights, as `{ name, shape, trainable }`. The name of a sublayer's weight starts with the attributes that lead
   * to the sublayer: `squeeze/kernel`. Default: none.
   */
  weights?(config: Readonly<Record<string, unknown>>, inputShapes: readonly Shape[]): unknown;
  /** The output tensor or tensors; runs inside `tf.tidy`. */
  call(context: CustomContext, inputs: readonly Tensor[]): unknown;
  /** dScore/dInput, one per input, `null` for none. Default: TF.js differentiates `call`. */
  gradient?(
    context: CustomContext,
    inputs: readonly Tensor[],
    outputs: readonly Tensor[],
    outputGradients: readonly (Tensor | null)[],
  ): unknown;
}

/**
 * Turns a custom layer into a layer kind. Everything its functions return is checked.
 * @param module file name of the module, for messages.
 * @throws Failure `bad-config`, from every method, if a function throws or returns something malformed.
 */
export function customKind(layer: CustomLayer, module: string): LayerKind {
  /** Calls one of the user's functions; whatever it throws becomes a `bad-config` that names layer, module and function. */
  const callUser = <T>(config: LayerConfig, what: string, work: () => T): T => {
    try {
      return work();
    } catch (thrown) {
      const why = thrown instanceof Error ? thrown.message : String(thrown);
      return wrong(config, l10n.t('"{0}" failed: {1}', what, why));
    }
  };
  const wrong = (config: LayerConfig, why: string): never =>
    fail('bad-config', l10n.t('Layer "{0}", implemented in {1}: {2}', config.path, module, why), {
      subject: config.path,
      remedy: l10n.t('Correct {0} and restart the server.', module),
    });
  const tensors = (config: LayerConfig, what: string, value: unknown): (Tensor | null)[] =>
    (Array.isArray(value) ? value : [value]).map((one) =>
      one === null || isTensor(one) ? one : wrong(config, l10n.t('"{0}" should return tensors.', what)),
    );

  return {
    outputShapes(config, inputs) {
      const { outputShape } = layer;
      if (outputShape === undefined) return inputs.slice(0, 1);
      const given = callUser(config, 'outputShape', () => outputShape(config.values, inputs));
      const shapes = isShape(given) ? [given] : given;
      if (Array.isArray(shapes) && shapes.length > 0 && shapes.every(isShape)) return shapes;
      return wrong(config, l10n.t('"outputShape" should return a list of sizes or a list of such lists.'));
    },
    weights(config, inputs) {
      const { weights } = layer;
      if (weights === undefined) return [];
      const given = callUser(config, 'weights', () => weights(config.values, inputs));
      if (!Array.isArray(given)) return wrong(config, l10n.t('"weights" should return a list.'));
      const declared = given.map((spec, i) => {
        const found = declaredOf(spec);
        return (
          found ?? wrong(config, l10n.t('entry {0} of "weights" should be {name, shape, trainable?}.', i))
        );
      });
      const twice = declared.find(({ name }, i) => declared.findIndex((one) => one.name === name) < i);
      if (twice) wrong(config, l10n.t('"weights" returns two weights named "{0}".', twice.name));
      return specsOf(declared, module);
    },
    forward(ctx, inputs) {
      const given = callUser(ctx.config, 'call', () => layer.call(contextOf(ctx), inputs));
      return tensors(ctx.config, 'call', given).map(
        // A layer may return one of its inputs; the trace frees inputs and outputs separately.
        (one) => ctx.tf.clone(one ?? wrong(ctx.config, l10n.t('"call" should return tensors.'))),
      );
    },
    backward(ctx, step) {
      const { gradient } = layer;
      if (gradient === undefined) {
        return callUser(ctx.config, 'call', () => differentiate(layer, ctx, step));
      }
      const given = callUser(ctx.config, 'gradient', () =>
        gradient(contextOf(ctx), step.inputs, step.outputs, step.gradients),
      );
      return tensors(ctx.config, 'gradient', given);
    },
  };
}

const contextOf = ({ tf, config, weights }: LayerContext): CustomContext => ({
  tf,
  config: config.values,
  weights,
});

/** The gradient of sum(output * dScore/dOutput), by TF.js's tape. */
function differentiate(layer: CustomLayer, ctx: LayerContext, step: BackwardStep): (Tensor | null)[] {
  const { tf } = ctx;
  const floats = step.inputs.filter(isFloat);
  if (floats.length === 0) return step.inputs.map(() => null);
  const score = (...given: Tensor[]): Tensor => {
    let next = 0;
    const inputs = step.inputs.map((input) => (isFloat(input) ? (given[next++] ?? input) : input));
    const value = layer.call(contextOf(ctx), inputs);
    const outputs: unknown[] = Array.isArray(value) ? value : [value];
    const parts = outputs.flatMap((output, i) => {
      const gradient = step.gradients[i];
      return gradient && isTensor(output) ? [tf.sum(tf.mul(output, gradient))] : [];
    });
    // Add zero times each input: the tape rejects a score that does not depend on every input.
    return tf.addN([...parts, ...inputs.filter(isFloat).map((input) => tf.sum(tf.mul(input, 0)))]);
  };
  const found = tf.grads(score)(floats);
  let next = 0;
  return step.inputs.map((input) => (isFloat(input) ? (found[next++] ?? null) : null));
}

function isTensor(value: unknown): value is Tensor {
  return typeof value === 'object' && value !== null && 'dataId' in value && 'shape' in value;
}

const isShape = (value: unknown): value is Shape =>
  Array.isArray(value) && value.every((size) => size === null || Number.isSafeInteger(size));

/** A weight as a module declares it; its name is the path below the layer. */
interface Declared {
  readonly name: string;
  readonly shape: readonly number[];
  readonly trainable: boolean;
}

function declaredOf(value: unknown): Declared | null {
  if (typeof value !== 'object' || value === null) return null;
  const { name, shape, trainable = true } = value as Record<string, unknown>;
  if (typeof name !== 'string' || typeof trainable !== 'boolean') return null;
  if (name.split('/').some((part) => part === '')) return null;
  if (!Array.isArray(shape) || !shape.every((size) => Number.isSafeInteger(size) && size >= 0)) return null;
  return { name, shape, trainable };
}

/** In the order of the module. A `.keras` file stores each layer's weights in its own folder, trainable ones first. */
function specsOf(declared: readonly Declared[], module: string): WeightSpec[] {
  const holderOf = ({ name }: Declared): string => name.split('/').slice(0, -1).join('/');
  return declared.map((weight) => {
    const { name, shape, trainable } = weight;
    const holder = holderOf(weight);
    const siblings = declared.filter((one) => holderOf(one) === holder);
    const saved = [...siblings.filter((one) => one.trainable), ...siblings.filter((one) => !one.trainable)];
    const parts = name.split('/');
    return {
      name: parts.at(-1) ?? name,
      shape,
      trainable,
      holder: parts.slice(0, -1),
      at: `${holder === '' ? '' : `${holder}/`}vars/${saved.indexOf(weight)}`,
      declaredIn: module,
    };
  });
}
