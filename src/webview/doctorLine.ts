import * as l10n from '@vscode/l10n';
import type { Result } from '../shared/errors';
import type { Preprocessing } from '../shared/inputs';
import type { DoctorFinding } from '../shared/results/doctor';
import { el, fill } from './dom';
import { icon } from './icons';
import { button } from './ui';

export interface DoctorLineActions {
  ask(): Promise<Result<DoctorFinding | null>>;
  /** Takes the preprocessing as if the user had picked it. */
  onPreprocessing(preprocessing: Preprocessing): void;
  /** Left out by a page that shows one layer already. */
  onLayer?(layer: string): void;
}

/**
 * One sentence on what is wrong with the model for the input, with a way to act; empty where there is nothing to say. A live region,
 * which is asked for only after what the page itself shows.
 */
export function doctorLine(actions: DoctorLineActions): {
  readonly element: HTMLElement;
  /** @param run of the model, by a key that is equal for equal runs; `null` is always asked about anew */
  show(run: string | null): Promise<void>;
  clear(): void;
} {
  const element = el('div', { class: 'doctor', role: 'status', 'aria-label': l10n.t('What is wrong') });
  /** The run that is asked about or shown. */
  let current: string | null = null;
  let asked = 0;

  const draw = (finding: DoctorFinding | null) => {
    if (finding === null) return fill(element);
    const { sentence, layer, action } = finding;
    const { onLayer } = actions;
    fill(
      element,
      icon('warning'),
      el('span', { class: 'doctor-sentence' }, sentence),
      action
        ? button({
            label: action.label,
            title: l10n.t('Use the preprocessing {0} for this model', action.preprocessing.name),
            onPress: () => actions.onPreprocessing(action.preprocessing),
          }).element
        : null,
      onLayer
        ? button({ label: l10n.t('Show Layer'), title: layer, onPress: () => onLayer(layer) }).element
        : null,
    );
  };
  const clear = () => {
    asked += 1;
    current = null;
    draw(null);
  };
  return {
    element,
    clear,
    async show(run) {
      if (run !== null && run === current) return;
      clear();
      current = run;
      const mine = asked;
      const answer = await actions.ask();
      if (mine !== asked) return;
      // A failure is one of the page's own answer, too, or the user went on: the next answer of the page asks again.
      if (answer.ok) draw(answer.value);
      else current = null;
    },
  };
}
