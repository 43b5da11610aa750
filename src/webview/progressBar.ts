import * as l10n from '@vscode/l10n';
import type { Progress } from '../shared/view';
import { el, setAttributes } from './dom';
import { button } from './ui';

/** A thin bar with a message and Cancel. It keeps its space while idle, so that the layout does not shift. */
export function progressBar(onCancel: () => void): {
  readonly element: HTMLElement;
  show(progress: Progress | null): void;
} {
  const filled = el('div', { class: 'progress-filled' });
  const track = el(
    'div',
    {
      class: 'progress-track',
      role: 'progressbar',
      'aria-label': l10n.t('Computing'),
      'aria-valuemin': 0,
      'aria-valuemax': 100,
    },
    filled,
  );
  const message = el('span', { class: 'progress-message quiet' });
  const element = el(
    'div',
    { class: 'progress idle' },
    track,
    message,
    button({ label: l10n.t('Cancel'), onPress: onCancel }).element,
  );
  return {
    element,
    show(progress) {
      element.classList.toggle('idle', progress === null);
      if (progress === null) return;
      const percent = progress.fraction === null ? null : Math.round(progress.fraction * 100);
      element.classList.toggle('endless', percent === null);
      setAttributes(track, { 'aria-valuenow': percent, 'aria-valuetext': progress.message });
      filled.style.setProperty('width', percent === null ? '' : `${percent}%`);
      message.textContent = progress.message;
    },
  };
}
