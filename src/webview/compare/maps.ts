import * as l10n from '@vscode/l10n';
import type { ComparedMaps } from '../../shared/compare/compareView';
import { type Result, toError } from '../../shared/errors';
import type { Explanation } from '../../shared/explanation';
import { el, fill } from '../dom';
import { agreementText } from '../explain/compare/compareWith';
import { agreementOf } from '../explain/compare/difference';
import { mapFigure } from '../explain/mapFigure';

const DISPLAY = { colourMap: 'viridis', opacity: 0.6 } as const;

/** The heat maps of both models side by side, with the map of their difference. */
export function maps(): {
  readonly element: HTMLElement;
  show(answer: Result<ComparedMaps>): void;
  clear(): void;
} {
  const note = el('p', { class: 'quiet', role: 'status' });
  const figures = el('div', { class: 'figures map-figures' });
  const element = el('section', { hidden: true }, el('h2', {}, l10n.t('Heat maps')), note, figures);
  const captioned = (caption: string, explanation: Explanation): HTMLElement => {
    // The pictures of both inputs are the same; their values are those of the explain page.
    const figure = mapFigure(async () => null);
    figure.show(explanation, DISPLAY);
    return el('div', { class: 'compared' }, el('h3', { class: 'caption' }, caption), figure.element);
  };
  return {
    element,
    show(answer) {
      element.hidden = false;
      fill(figures);
      if (!answer.ok) {
        note.textContent = l10n.t('There are no heat maps to compare: {0}', answer.error.message);
        return;
      }
      const { a, b } = answer.value;
      try {
        const agreement = agreementOf(a, b);
        fill(
          figures,
          captioned(l10n.t('A: {0}', a.sentence), a),
          captioned(l10n.t('B: {0}', b.sentence), b),
          agreement && captioned(l10n.t('A less B'), agreement.difference),
        );
        note.textContent = agreement === null ? '' : agreementText(agreement.rankCorrelation);
      } catch (thrown) {
        note.textContent = toError(thrown).message;
      }
    },
    clear() {
      element.hidden = true;
      fill(figures);
    },
  };
}
