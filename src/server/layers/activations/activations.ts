import { fail } from '../../../shared/errors';
import type { LayerConfig } from '../../graph/layerConfig';
import type { Activation } from '../kind';
import { type ActivationSpec, activationSpec } from './activationSpec';
import { elementwise } from './elementwise';
import { leakyRelu, relu, relu6 } from './rectifiers';
import { glu, logSoftmax, softmax, sparsemax } from './softmaxFamily';

type Row = (args: LayerConfig) => Activation;

/** Every activation of Keras 3.15 (`keras.activations`), by its name there. */
const ACTIVATIONS: ReadonlyMap<string, Row> = new Map<string, Row>([
  ...Object.entries(elementwise),
  ['relu', relu],
  ['relu6', relu6],
  ['leaky_relu', leakyRelu],
  ['softmax', softmax],
  ['log_softmax', logSoftmax],
  ['sparsemax', sparsemax],
  ['glu', glu],
]);

/** Names that `activationOf` knows besides `linear`, sorted. */
export const ACTIVATION_NAMES: readonly string[] = [...ACTIVATIONS.keys()].sort();

/**
 * The activation that a layer's config names, in any spelling of any Keras version.
 * @param key the argument that holds it, e.g. `recurrent_activation`.
 * @returns `null` for none or linear.
 * @throws Failure `bad-config` that names the layer and the activation when it is not one of Keras's.
 */
export function activationOf(config: LayerConfig, key = 'activation'): Activation | null {
  const spelling = activationSpec(config, key);
  return spelling === null ? null : buildActivation(spelling);
}

/**
 * For `outputShapes`: a layer whose activation nobody knows is itself not known, so that the graph leaves it and what
 * follows out and the rest still runs.
 * @throws Failure `bad-config` as `activationOf`.
 */
export function checkActivation(config: LayerConfig): void {
  activationOf(config);
}

/** @throws Failure `bad-config` for a name that is none of Keras's. */
export function buildActivation({ name, args }: ActivationSpec): Activation {
  const row = ACTIVATIONS.get(name);
  if (row !== undefined) return row(args);
  return fail(
    'bad-config',
    `Layer "${args.path}" uses the activation "${name}", which is none of Keras's own.`,
    {
      subject: args.path,
      remedy:
        'Layerglass runs no code from a model: save the model with a built-in activation to see values here.',
    },
  );
}
