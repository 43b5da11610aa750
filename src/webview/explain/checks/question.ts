import * as l10n from '@vscode/l10n';
import { durationText } from '../../../shared/amounts';
import type { LayerglassError, Result } from '../../../shared/errors';
import type { Progress } from '../../../shared/view';
import { el, fill } from '../../dom';
import { icon } from '../../icons';
import { progressBar } from '../../progressBar';
import { button } from '../../ui';

/** What is shown of an answer. */
export interface Drawn {
  /** One line; it is also read out. */
  readonly headline: HTMLElement;
  /** Opened and closed by the headline. */
  readonly details: readonly (HTMLElement | null)[];
}

export interface Question<T> {
  readonly element: HTMLElement;
  /** Lets the user ask, or shows what was answered before. */
  show(answer: T | undefined): void;
  /** Removes the answer, which no longer belongs to what is shown. A running request is dropped too. */
  drop(): void;
  /** Of the running request; ignored while there is none. */
  setProgress(progress: Progress | null): void;
}

/** A shorter time says too little about the rest. */
const MIN_ELAPSED_MS = 1500;
const MIN_FRACTION = 0.03;

/**
 * A question that is asked by one click: a button and what it does, then a bar with Cancel, then the answer, which opens into its
 * reasons, or an error in its place.
 */
export function question<T>(of: {
  readonly label: string;
  /** What the answer says, and what it costs. */
  readonly about: string;
  ask(insist: boolean): Promise<Result<T>>;
  cancel(): void;
  draw(answer: T): Drawn;
  /** Called with the answer while it is open, and with null when it is closed or dropped. */
  onOpen?(answer: T | null): void;
}): Question<T> {
  let asked = 0;
  let start = 0;
  let isRunning = false;
  let answer: T | undefined;

  const askButton = button({ label: of.label, onPress: () => void ask(false) });
  const about = el('p', { class: 'quiet' }, of.about);
  const asking = el('div', { class: 'question-ask' }, askButton.element, about);
  const bar = progressBar(() => of.cancel());
  const cancelButton = bar.element.querySelector<HTMLElement>('vscode-button');
  const running = el('div', { class: 'question-running', hidden: true });
  const summary = el('summary', {});
  const body = el('div', { class: 'question-body' });
  const details = el('details', { class: 'question-answer', hidden: true }, summary, body);
  const failed = el('div', { class: 'message error', role: 'alert', hidden: true });
  // Kept in the document, so that what is put into it is read out.
  const spoken = el('p', { class: 'hidden-text', role: 'status' });
  const element = el('div', { class: 'question' }, asking, running, details, failed, spoken);

  details.addEventListener('toggle', () => {
    if (answer !== undefined) of.onOpen?.(details.open ? answer : null);
  });

  /** Shows one part; the focus stays in the question if it was there. */
  const showOnly = (part: HTMLElement, focus: HTMLElement | null): void => {
    const hadFocus = element.contains(document.activeElement);
    for (const one of [asking, running, details]) one.hidden = one !== part;
    fill(running, ...(part === running ? [el('h3', {}, of.label), bar.element] : []));
    if (part !== asking) failed.hidden = true;
    if (hadFocus) focus?.focus();
  };

  const showAnswer = (found: T): void => {
    answer = found;
    const { headline, details: parts } = of.draw(found);
    fill(
      summary,
      el('span', { class: 'chevron' }, icon('chevronRight')),
      el('span', { class: 'asked' }, of.label),
      headline,
    );
    fill(body, ...parts);
    details.open = true;
    showOnly(details, summary);
    spoken.textContent = `${of.label}: ${headline.textContent}`;
    of.onOpen?.(found);
  };

  const showFailure = (error: LayerglassError): void => {
    const isCancelled = error.kind === 'cancelled';
    spoken.textContent = isCancelled ? l10n.t('{0}: cancelled.', of.label) : '';
    showOnly(asking, askButton.element);
    failed.hidden = isCancelled;
    if (isCancelled) return;
    const isCostly = error.kind === 'too-costly';
    const insist = isCostly || error.kind === 'compute-ended';
    failed.classList.toggle('calm', isCostly);
    fill(
      failed,
      icon('error'),
      el(
        'div',
        { class: 'message-text' },
        el('p', {}, error.message),
        error.remedy ? el('p', { class: 'remedy' }, error.remedy) : null,
      ),
      insist
        ? button({
            label: isCostly ? l10n.t('Run Anyway') : l10n.t('Try Again'),
            onPress: () => void ask(true),
          }).element
        : null,
    );
  };

  async function ask(insist: boolean): Promise<void> {
    asked += 1;
    const mine = asked;
    start = performance.now();
    isRunning = true;
    bar.show({ fraction: null, message: l10n.t('Starting') });
    spoken.textContent = l10n.t('{0}: running.', of.label);
    showOnly(running, cancelButton);
    const result = await of.ask(insist);
    if (mine !== asked) return;
    isRunning = false;
    if (result.ok) showAnswer(result.value);
    else showFailure(result.error);
  }

  return {
    element,
    show(known) {
      askButton.setEnabled(true);
      if (known !== undefined) showAnswer(known);
    },
    drop() {
      asked += 1;
      isRunning = false;
      if (answer !== undefined) of.onOpen?.(null);
      answer = undefined;
      spoken.textContent = '';
      failed.hidden = true;
      askButton.setEnabled(false);
      showOnly(asking, null);
    },
    setProgress(progress) {
      if (isRunning && progress !== null) bar.show(withTimeLeft(progress, performance.now() - start));
    },
  };
}

/** The message with the time that is left at the speed so far. @param elapsed in milliseconds */
export function withTimeLeft({ fraction, message }: Progress, elapsed: number): Progress {
  if (fraction === null || fraction < MIN_FRACTION || elapsed < MIN_ELAPSED_MS) return { fraction, message };
  return {
    fraction,
    message: l10n.t('About {0} left: {1}', durationText((elapsed / fraction) * (1 - fraction)), message),
  };
}
