import * as l10n from '@vscode/l10n';
import { fail } from '../../../shared/errors';
import type { LayerConfig } from '../../graph/layerConfig';
import type { Activation } from '../kind';
import { type ActivationSpec, activationSpec } from './activationSpec';
import { elementwise } from './elementwise';
import { leakyRelu, relu, relu6 } from './rectifiers';
import { glu, logSoftmax, softmax, sparsemax } from './softmaxFamily';

type ActivationFactory = (args: LayerConfig) => Activation;

/** Every activation of Keras 3.15 (`keras.activations`) by name. */
const ACTIVATIONS: ReadonlyMap<string, ActivationFactory> = new Map<string, ActivationFactory>([
  ...Object.entries(elementwise),
  ['relu', relu],
  ['relu6', relu6],
  ['leaky_relu', leakyRelu],
  ['softmax', softmax],
  ['log_softmax', logSoftmax],
  ['sparsemax', sparsemax],
  ['glu', glu],
]);

/** The names that `activationOf` knows, sorted, without `linear`. */
export const ACTIVATION_NAMES: readonly string[] = [...ACTIVATIONS.keys()].sort();

/**
 * The activation in a layer's config, in the form of any Keras version.
 * @param key the argument, e.g. `recurrent_activation`.
 * @returns `null` for none or linear.
 * @throws Failure `bad-config` that names the layer and the activation if it is not one of Keras's.
 */
export function activationOf(config: LayerConfig, key = 'activation'): Activation | null {
  const spec = activationSpec(config, key);
  return spec === null ? null : buildActivation(spec);
}

/**
 * To be called in `outputShapes`: a layer with an unknown activation is itself unknown, so that the graph excludes it and
 * what follows while the rest still runs.
 * @throws Failure `bad-config` as `activationOf`.
 */
export function checkActivation(config: LayerConfig): void {
  activationOf(config);
}

/** @throws Failure `bad-config` for a name that Keras does not have. */
export function buildActivation({ name, args }: ActivationSpec): Activation {
  const create = ACTIVATIONS.get(name);
  if (create !== undefined) return create(args);
  return fail(
    'bad-config',
    l10n.t('Layer "{0}" uses the activation "{1}", which is not built into Keras.', args.path, name),
    {
      subject: args.path,
      remedy: l10n.t(
        'Layerglass never runs code from a model. Save the model with a built-in activation to see values here.',
      ),
    },
  );
}
