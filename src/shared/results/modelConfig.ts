import * as l10n from '@vscode/l10n';

/** A config as it is in the file: of a layer, or how the model was compiled. */
export interface ModelConfig {
  /** JSON; `null` where the file has none. */
  readonly config: unknown;
  /** Whether a part was left out because it is very large; the places say so. */
  readonly isCut: boolean;
}

/** What a compile config says in a line: "Adam, learning rate 0.001", "binary_crossentropy". */
export interface TrainingFacts {
  readonly optimizer: string | null;
  readonly loss: string | null;
}

/** Of the compile config of Keras 3 or the training config of Keras 2. */
export function trainingFacts(config: unknown): TrainingFacts {
  if (!isRecord(config)) return { optimizer: null, loss: null };
  return { optimizer: optimizerText(config.optimizer ?? config.optimizer_config), loss: named(config.loss) };
}

function optimizerText(optimizer: unknown): string | null {
  const name = named(optimizer);
  const rate = isRecord(optimizer) && isRecord(optimizer.config) ? optimizer.config.learning_rate : undefined;
  return name !== null && typeof rate === 'number'
    ? l10n.t('{0}, learning rate {1}', name, Number(rate.toPrecision(6)))
    : name;
}

/** The name of a loss or an optimizer, of several losses by output. */
function named(value: unknown): string | null {
  if (typeof value === 'string') return value;
  if (Array.isArray(value)) return listed(value.map(named));
  if (!isRecord(value)) return null;
  if (typeof value.class_name === 'string') {
    // Keras saves a function as an object whose config is its name.
    return value.class_name === 'function' && typeof value.config === 'string'
      ? value.config
      : value.class_name;
  }
  return listed(Object.entries(value).map(([key, inner]) => `${key}: ${named(inner) ?? 'none'}`));
}

const listed = (names: readonly (string | null)[]): string | null =>
  names.length === 0 ? null : names.map((name) => name ?? 'none').join(', ');

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
