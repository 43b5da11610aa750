import * as l10n from '@vscode/l10n';
import type { Result } from '../../../shared/errors';
import type { Preprocessing } from '../../../shared/inputs';
import type { RemovedPart } from '../../../shared/results/whatIf';
import type { Answers, Progress } from '../../../shared/view';
import { el } from '../../dom';
import { drawChange } from './change';
import { question } from './question';
import { drawVerdict } from './verdict';
import { drawVersions } from './versions';
import './checks.css';

/** The questions about the explanation that is shown: how far to trust it, whether it was the input, what would change it. */
export function checks(host: {
  readonly ask: { readonly [Q in keyof Answers]: (insist: boolean) => Promise<Result<Answers[Q]>> };
  cancel(): void;
  onPreprocessing(chosen: Preprocessing): void;
  /** The parts of the inputs that are to be marked on the map. */
  onMarked(parts: readonly RemovedPart[]): void;
}): {
  readonly element: HTMLElement;
  show(answers: Partial<Answers>): void;
  drop(): void;
  setProgress(progress: Progress | null): void;
} {
  const cancel = () => host.cancel();
  const trust = question({
    label: l10n.t('How far to trust it'),
    about: l10n.t(
      'Tests the map: against random maps, redrawn weights, another class and noise, in some 400 passes.',
    ),
    ask: host.ask.trust,
    cancel,
    draw: drawVerdict,
  });
  const input = question({
    label: l10n.t('Was it the input?'),
    about: l10n.t('Runs every preprocessing and resizing, and the mirrored, shifted and brightened input.'),
    ask: host.ask.wasItTheInput,
    cancel,
    draw: (answer) => drawVersions(answer, host.onPreprocessing),
  });
  const change = question({
    label: l10n.t('What would change it?'),
    about: l10n.t('Finds a small part of the input without which something else is predicted, and marks it.'),
    ask: host.ask.whatWouldChange,
    cancel,
    draw: drawChange,
    onOpen: (answer) => host.onMarked(answer?.isFound ? answer.removed : []),
  });
  const all = [trust, input, change];
  return {
    element: el(
      'section',
      { class: 'checks', 'aria-label': l10n.t('Questions') },
      el('h2', {}, l10n.t('Questions')),
      ...all.map(({ element }) => element),
    ),
    show(answers) {
      trust.show(answers.trust);
      input.show(answers.wasItTheInput);
      change.show(answers.whatWouldChange);
    },
    drop() {
      for (const one of all) one.drop();
    },
    setProgress(progress) {
      for (const one of all) one.setProgress(progress);
    },
  };
}
