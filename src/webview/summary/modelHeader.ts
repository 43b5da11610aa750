import * as l10n from '@vscode/l10n';
import { byteText, fullCount, parameterText, shortCount } from '../../shared/amounts';
import type { ModelFormat, ModelSummary, NamedTensor } from '../../shared/model';
import { el, fill } from '../dom';
import { formatShape } from '../format';
import { foreignCodeBadge } from './foreignCodeBadge';

const FORMATS: Readonly<Record<ModelFormat, string>> = {
  keras: 'Keras (.keras)',
  hdf5: 'Keras HDF5',
  topology: l10n.t('Keras topology (JSON)'),
  'tfjs-layers': l10n.t('TensorFlow.js layers model'),
  'tfjs-graph': l10n.t('TensorFlow.js graph model'),
  'saved-model': l10n.t('TensorFlow SavedModel'),
  weights: l10n.t('Weights only'),
};

/** Format, version, parameters, inputs and outputs of the model. */
export function modelHeader(): {
  readonly element: HTMLElement;
  show(summary: ModelSummary, fileName: string, notice: string | null): void;
} {
  const title = el('h1');
  const shown = el('p', { class: 'notice', hidden: true });
  const foreign = foreignCodeBadge();
  const kind = el('p', { class: 'details quiet' });
  const facts = el('dl', { class: 'model-facts' });
  return {
    element: el('header', { class: 'model-header' }, title, shown, kind, foreign.element, facts),
    show(summary, fileName, notice) {
      const { multiplyAdds, activationBytes } = summary;
      const { format, name, className, kerasVersion, inputs, outputs, params } = summary;
      foreign.show(summary.foreignCode);
      title.textContent = fileName === '' ? name : fileName;
      shown.textContent = notice;
      shown.hidden = notice === null;
      fill(
        kind,
        el('span', {}, FORMATS[format]),
        el(
          'span',
          {},
          kerasVersion === null ? l10n.t('Keras version not recorded') : l10n.t('Keras {0}', kerasVersion),
        ),
        summary.weightsOnly ? null : el('span', {}, `${className} “${name}”`),
      );
      const parameters = fact(l10n.t('Parameters'), parameterText(params.total, params.isLowerBound));
      if (summary.weightsOnly) {
        fill(facts, parameters);
        return;
      }
      fill(
        facts,
        parameters,
        fact(l10n.t('Trainable'), parameterText(params.trainable, params.isLowerBound)),
        fact(l10n.t('Non-trainable'), parameterText(params.nonTrainable, params.isLowerBound)),
        params.undetermined === undefined
          ? null
          : fact(l10n.t('Unknown whether trainable'), fullCount(params.undetermined)),
        fact(l10n.t('Multiply-adds'), exactly(shortCount(multiplyAdds), fullCount(multiplyAdds))),
        fact(
          l10n.t('Activation memory'),
          exactly(byteText(activationBytes), l10n.t('{0} bytes', fullCount(activationBytes))),
        ),
        fact(inputs.length === 1 ? l10n.t('Input') : l10n.t('Inputs'), ...inputs.map(tensorLine)),
        fact(outputs.length === 1 ? l10n.t('Output') : l10n.t('Outputs'), ...outputs.map(tensorLine)),
      );
    },
  };
}

function fact(term: string, ...values: (HTMLElement | string)[]): HTMLElement {
  return el('div', { class: 'fact' }, el('dt', {}, term), ...values.map((value) => el('dd', {}, value)));
}

/** A rounded number with the exact one as tooltip; both for one example. */
const exactly = (rounded: string, exact: string): HTMLElement =>
  el('span', { title: l10n.t('{0} for one example', exact) }, rounded);

function tensorLine({ name, shape, dtype }: NamedTensor): HTMLElement {
  return el(
    'span',
    {},
    el('span', { class: 'quiet' }, `${name} `),
    formatShape(shape),
    el('span', { class: 'quiet' }, ` ${dtype}`),
  );
}
