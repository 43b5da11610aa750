import * as l10n from '@vscode/l10n';
import { numberText } from '../numberText';
import type { Comparison, ConfigDifference, LayerComparison, LayerStatus } from './comparison';

/** How much longer texts of arguments are cut. */
const MAX_VALUE = 80;

/** A relative change as text: `0`, `0.012`, `∞`; empty where nothing was compared. */
export function changeText(change: number | null): string {
  if (change === null) return '';
  return change === Number.POSITIVE_INFINITY ? '∞' : numberText(change, 3);
}

/** The status as a word. */
export function statusText(status: LayerStatus): string {
  switch (status) {
    case 'same':
      return l10n.t('same');
    case 'changed':
      return l10n.t('changed');
    case 'added':
      return l10n.t('added');
    case 'removed':
      return l10n.t('removed');
  }
}

/** `scale: 0.0039 → 0.0078`; `∅` stands for an argument that is absent. */
export function configText({ key, a, b }: ConfigDifference): string {
  const text = (value: string | null) =>
    shown(key === 'output_shape' && value !== null ? asKeras(value) : value);
  return `${key}: ${text(a)} → ${text(b)}`;
}

/** JSON of a shape, or of several, as Keras writes it: `[null,14,512]` is `(None, 14, 512)`. */
const asKeras = (json: string): string =>
  json
    .replace(/\[([^[\]]*)\]/g, (_, sizes: string) => `(${sizes.includes(',') ? sizes : `${sizes},`})`)
    .replace(/null/g, 'None')
    .replace(/,(?!\))/g, ', ');

function shown(value: string | null): string {
  if (value === null) return '∅';
  return value.length <= MAX_VALUE ? value : `${value.slice(0, MAX_VALUE)}…`;
}

/** Whether the weights of a layer that both models have differ. */
export const hasOtherWeights = ({ weights }: LayerComparison): boolean =>
  weights.some(({ change }) => change !== 0);

/** The answer in one sentence: equal, or the first difference. */
export function headline(comparison: Comparison): string {
  const { firstDifference, isEqual, predictions, notices } = comparison;
  if (isEqual) {
    if (notices.length > 0) return l10n.t('No difference in what could be compared.');
    return predictions === null
      ? l10n.t('The models are equal: layers, arguments and weights.')
      : l10n.t('The models are equal: layers, arguments, weights, and all values on this input.');
  }
  if (firstDifference === null && predictions === null)
    return l10n.t('No difference was found, but not everything could be compared.');
  if (firstDifference === null) return l10n.t('The layers are the same, but the predictions differ.');
  return firstDifference.by === 'values'
    ? l10n.t('Values part first in {0}.', firstDifference.path)
    : l10n.t('The first difference is {0}.', firstDifference.path);
}

/** Why a layer counts as different, as sentences. */
export function reasonTexts(layer: LayerComparison): string[] {
  const { status, config, weightChange, weights, valueChange, valuesPart } = layer;
  if (status === 'added') return [l10n.t('Only B has this layer.')];
  if (status === 'removed') return [l10n.t('Only A has this layer.')];
  const reasons = config.map(configText);
  if (weightChange !== null && weightChange !== 0)
    reasons.push(l10n.t('Weights differ by {0} of the norm of A.', changeText(weightChange)));
  else if (weightChange === null && weights.length > 0) reasons.push(otherWeights(layer));
  if (valuesPart === true && valueChange === null) reasons.push(l10n.t('The values have other shapes.'));
  else if (valuesPart === true)
    reasons.push(l10n.t('Values differ by up to {0} of the largest one.', changeText(valueChange)));
  return reasons;
}

/** Of weights that cannot be compared as a whole. */
function otherWeights({ weights }: LayerComparison): string {
  const listed = (side: 'a' | 'b'): string =>
    weights
      .filter(({ shapes }) => shapes[side] === null)
      .map(({ name }) => name)
      .join(', ');
  if (listed('a') !== '') return l10n.t('Only B has the weights {0}.', listed('a'));
  if (listed('b') !== '') return l10n.t('Only A has the weights {0}.', listed('b'));
  return l10n.t('The weights have other shapes.');
}

/** How many layers have each status: `3 same, 1 changed`. */
export function countsText(layers: readonly LayerComparison[]): string {
  const order: readonly LayerStatus[] = ['same', 'changed', 'added', 'removed'];
  return order
    .map((status) => [statusText(status), layers.filter((layer) => layer.status === status).length] as const)
    .filter(([, count]) => count > 0)
    .map(([text, count]) => `${count} ${text}`)
    .join(', ');
}
