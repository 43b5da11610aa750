import { byteText, fullCount, parameterText, shortCount } from '../../shared/amounts';
import type { ModelFormat, ModelSummary, NamedTensor } from '../../shared/model';
import { el, fill } from '../dom';
import { formatShape } from '../format';
import { foreignCodeBadge } from './foreignCodeBadge';

const FORMATS: Readonly<Record<ModelFormat, string>> = {
  keras: 'Keras (.keras)',
  hdf5: 'Keras HDF5',
  topology: 'Keras topology (JSON)',
  'tfjs-layers': 'TensorFlow.js layers model',
  'tfjs-graph': 'TensorFlow.js graph model',
  'saved-model': 'TensorFlow SavedModel',
  weights: 'Weights only',
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
        el('span', {}, kerasVersion === null ? 'Keras version not recorded' : `Keras ${kerasVersion}`),
        summary.weightsOnly ? null : el('span', {}, `${className} “${name}”`),
      );
      const parameters = fact('Parameters', parameterText(params.total, params.isLowerBound));
      if (summary.weightsOnly) {
        fill(facts, parameters);
        return;
      }
      fill(
        facts,
        parameters,
        fact('Trainable', parameterText(params.trainable, params.isLowerBound)),
        fact('Non-trainable', parameterText(params.nonTrainable, params.isLowerBound)),
        params.undetermined === undefined
          ? null
          : fact('Unknown whether trainable', fullCount(params.undetermined)),
        fact('Multiply-adds', exactly(shortCount(multiplyAdds), fullCount(multiplyAdds))),
        fact('Activation memory', exactly(byteText(activationBytes), `${fullCount(activationBytes)} bytes`)),
        fact(inputs.length === 1 ? 'Input' : 'Inputs', ...inputs.map(tensorLine)),
        fact(outputs.length === 1 ? 'Output' : 'Outputs', ...outputs.map(tensorLine)),
      );
    },
  };
}

function fact(term: string, ...values: (HTMLElement | string)[]): HTMLElement {
  return el('div', { class: 'fact' }, el('dt', {}, term), ...values.map((value) => el('dd', {}, value)));
}

/** A rounded number with the exact one as tooltip; both for one example. */
const exactly = (rounded: string, exact: string): HTMLElement =>
  el('span', { title: `${exact} for one example` }, rounded);

function tensorLine({ name, shape, dtype }: NamedTensor): HTMLElement {
  return el(
    'span',
    {},
    el('span', { class: 'quiet' }, `${name} `),
    formatShape(shape),
    el('span', { class: 'quiet' }, ` ${dtype}`),
  );
}
