import * as l10n from '@vscode/l10n';
import type { Shape } from '../../../shared/model';
import type { Arguments, Fix, Machine } from '../machine';
import type { CallExpression } from '../syntax/ast';
import type { Model, Value } from '../values';
import { tupleText } from './refusals';

/** Losses by what they compare: numbers of one shape, or a class number with a score of each class. */
const LOSSES: Readonly<Record<string, 'same' | 'sparse' | 'broadcast'>> = {
  categoricalcrossentropy: 'same',
  binarycrossentropy: 'same',
  bce: 'same',
  sparsecategoricalcrossentropy: 'sparse',
  meansquarederror: 'broadcast',
  mse: 'broadcast',
  meanabsoluteerror: 'broadcast',
  mae: 'broadcast',
};

/** `model.compile(...)`: keeps the loss. */
export function compile(machine: Machine, model: Model, given: Arguments): void {
  const loss = given.named.get('loss') ?? given.positional[1];
  machine.set(model.loss, loss === undefined || given.isOpen ? null : lossName(loss));
}

/** `'mse'`, `keras.losses.mse` or `keras.losses.MeanSquaredError()` by name; `null` for another. */
function lossName(loss: Value): string | null {
  if (loss.kind === 'string') return loss.value;
  if (loss.kind !== 'reference') return null;
  return /^keras\.losses\.(\w+)(?:\.object)?$/.exec(loss.path)?.[1] ?? null;
}

/** `model.fit(x, y)`: whether the labels fit to what the model gives. */
export function checkLabels(machine: Machine, model: Model, given: Arguments, site: CallExpression): void {
  const labels = given.named.get('y') ?? given.positional[1];
  const loss = model.loss.value;
  const [output, second] = model.state.value.outputs ?? [];
  // A class of the program may train in its own way.
  if (model.instance !== undefined || loss === null || given.isOpen || second !== undefined) return;
  if (labels?.kind !== 'tensor' || !labels.isEager || labels.shape === null || !output?.shape) return;
  const name = loss.toLowerCase().replaceAll('_', '');
  const compares = Object.hasOwn(LOSSES, name) ? LOSSES[name] : undefined;
  if (compares === undefined || FITS[compares](labels.shape, output.shape)) return;
  const values = [loss, tupleText(output.shape), tupleText(labels.shape)] as const;
  const message =
    compares === 'sparse'
      ? l10n.t('{0} needs a class number for each prediction of {1} but gets labels of {2}.', ...values)
      : l10n.t('{0} cannot compare the predictions of {1} with labels of {2}.', ...values);
  machine.report({ at: site, message, fixes: flattening(model, labels.shape) });
}

/** Whether labels and predictions of these shapes can be compared. Batches always can. */
const FITS = {
  same(labels: Shape, output: Shape): boolean {
    const [a, b] = aligned(labels, output);
    return a.length === b.length && areSame(a.slice(1), b.slice(1));
  },
  sparse(labels: Shape, output: Shape): boolean {
    const [both, b] = aligned(labels, output);
    const a = both.length === b.length && both.at(-1) === 1 ? both.slice(0, -1) : both;
    return a.length === b.length - 1 && areSame(a.slice(1), b.slice(1, -1));
  },
  /** Ranks that differ are broadcast in a way that depends on the batch. */
  broadcast(labels: Shape, output: Shape): boolean {
    if (labels.length !== output.length) return true;
    return labels
      .slice(1)
      .every((size, i) => size === 1 || isSame(size, output[i + 1]) || output[i + 1] === 1);
  },
} satisfies Record<string, (labels: Shape, output: Shape) => boolean>;

/** Keras's `squeeze_or_expand_to_same_rank`. */
function aligned(a: Shape, b: Shape): readonly [Shape, Shape] {
  if (a.length === b.length + 1 && a.at(-1) === 1)
    return b.length === 1 ? [a, [...b, 1]] : [a.slice(0, -1), b];
  if (b.length === a.length + 1 && b.at(-1) === 1)
    return a.length === 1 ? [[...a, 1], b] : [a, b.slice(0, -1)];
  return [a, b];
}

const areSame = (a: Shape, b: Shape): boolean => a.every((size, i) => isSame(size, b[i]));

const isSame = (a: number | null, b: number | null | undefined): boolean =>
  a === null || b === null || a === b;

/** Where positions are left that the labels do not have: the layers that take them away, before the last one. */
function flattening(model: Model, labels: Shape): readonly Fix[] {
  const [output] = model.state.value.outputs ?? [];
  const last = output?.origin?.layer;
  const rank = output?.shape?.length ?? 0;
  if (last?.className !== 'Dense' || last.site === null || labels.length > 2 || rank < 3) return [];
  const names = ['Flatten()', ...(rank <= 5 ? [`GlobalAveragePooling${rank - 2}D()`] : [])];
  return names.map((layer) => ({
    title: l10n.t('Insert {0}', layer),
    insert: { layer },
    ...(last.site && { at: last.site }),
  }));
}
