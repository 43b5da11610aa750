import * as l10n from '@vscode/l10n';
import type { InputPosition } from '../../../shared/sources/inputPosition';
import { el, fill } from '../../dom';
import { icon } from '../../icons';
import { button } from '../../ui';
import './stepper.css';

interface Words {
  /** Where the input lies, counted from 1. */
  at(position: string, count: string): string;
  readonly previous: string;
  readonly next: string;
}

const WORDS: Readonly<Record<InputPosition['kind'], Words>> = {
  samples: {
    at: (at, count) => l10n.t('sample {0} of {1}', at, count),
    previous: l10n.t('Previous sample'),
    next: l10n.t('Next sample'),
  },
  rows: {
    at: (at, count) => l10n.t('row {0} of {1}', at, count),
    previous: l10n.t('Previous row'),
    next: l10n.t('Next row'),
  },
  sequences: {
    at: (at, count) => l10n.t('sequence {0} of {1}', at, count),
    previous: l10n.t('Previous sequence'),
    next: l10n.t('Next sequence'),
  },
  files: {
    at: (at, count) => l10n.t('file {0} of {1}', at, count),
    previous: l10n.t('Previous file'),
    next: l10n.t('Next file'),
  },
  gallery: {
    at: (at, count) => l10n.t('input {0} of {1}', at, count),
    previous: l10n.t('Previous input'),
    next: l10n.t('Next input'),
  },
  wrong: {
    at: (at, count) => l10n.t('wrong input {0} of {1}', at, count),
    previous: l10n.t('Previous wrong input'),
    next: l10n.t('Next wrong input'),
  },
  unsure: {
    at: (at, count) => l10n.t('unsure input {0} of {1}', at, count),
    previous: l10n.t('Previous unsure input'),
    next: l10n.t('Next unsure input'),
  },
};

/** Elements that take keys themselves. */
const TAKES_KEYS =
  'input, select, textarea, canvas, [contenteditable], [role=combobox], [role=slider], [role=menu], [role=tablist], .stage';

export interface StepperActions {
  /** @param at another position, from 0 */
  onStep(at: number): void;
  onWrong(direction: 'next' | 'previous'): void;
  onAll(): void;
}

/**
 * Steps to the previous or next input while method, layer and target stay: two buttons, the keys P and N and the arrow keys left and right;
 * where inputs have labels, to the nearest one that is predicted wrong (W, and with Shift backwards). Says whether this one is.
 */
export function stepper(actions: StepperActions): {
  readonly element: HTMLElement;
  /** @param position `null` where there is nothing to step through: only the way to all inputs is shown */
  show(position: InputPosition | null): void;
  /** @param predicted the class that is predicted; `null` while it is not known */
  showPredicted(predicted: number | null): void;
} {
  let shown: InputPosition | null = null;
  let predicted: number | null = null;
  const go = (by: number) => {
    const at = (shown?.at ?? 0) + by;
    if (shown !== null && at >= 0 && at < shown.count) actions.onStep(at);
  };
  const wrong = (direction: 'next' | 'previous') => {
    if (shown?.hasLabels) actions.onWrong(direction);
  };
  const previous = button({ label: l10n.t('Previous'), content: '‹', onPress: () => go(-1) });
  const next = button({ label: l10n.t('Next'), content: '›', onPress: () => go(1) });
  const text = el('span', { class: 'step-position', 'aria-live': 'polite' });
  const label = el('span', { class: 'step-label', role: 'status' });
  const nextWrong = button({
    label: l10n.t('Next Wrong'),
    title: l10n.t('The next input that is not predicted as it is labelled (W; backwards Shift+W)'),
    onPress: () => wrong('next'),
  });
  const all = button({
    label: l10n.t('All Inputs'),
    title: l10n.t('Show all inputs of the model with their predictions'),
    onPress: actions.onAll,
  });
  const element = el(
    'div',
    { class: 'stepper', role: 'group', 'aria-label': l10n.t('Inputs'), hidden: true },
    ...[previous.element, text, next.element, label, nextWrong.element, all.element],
  );
  const steps = [previous.element, text, next.element];
  const keys: Readonly<Record<string, () => void>> = {
    p: () => go(-1),
    n: () => go(1),
    ArrowLeft: () => go(-1),
    ArrowRight: () => go(1),
    w: () => wrong('next'),
    W: () => wrong('previous'),
  };
  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (event.target instanceof Element && event.target.closest(TAKES_KEYS) !== null) return;
    (keys[event.key] ?? keys[event.key.toLowerCase()])?.();
  });
  const showLabel = () => {
    const truth = shown?.truth ?? null;
    label.hidden = truth === null;
    if (truth === null) return;
    const name = truth.name ?? l10n.t('class {0}', truth.index);
    const isKnown = predicted !== null;
    const isWrong = isKnown && predicted !== truth.index;
    label.classList.toggle('wrong', isWrong);
    fill(
      label,
      isKnown ? icon(isWrong ? 'error' : 'check') : null,
      el('span', {}, isWrong ? l10n.t('wrong: labelled {0}', name) : l10n.t('labelled {0}', name)),
    );
  };
  return {
    element,
    show(position) {
      shown = position;
      element.hidden = false;
      for (const one of steps) one.hidden = position === null;
      nextWrong.element.hidden = position?.hasLabels !== true;
      showLabel();
      if (position === null) return;
      const { kind, at, count } = position;
      const words = WORDS[kind];
      text.textContent = words.at((at + 1).toLocaleString('en-US'), count.toLocaleString('en-US'));
      for (const [one, name, isThere, key] of [
        [previous, words.previous, at > 0, 'P'],
        [next, words.next, at < count - 1, 'N'],
      ] as const) {
        one.setEnabled(isThere);
        one.element.setAttribute('aria-label', name);
        one.element.title = `${name} (${key})`;
      }
    },
    showPredicted(index) {
      predicted = index;
      showLabel();
    },
  };
}
