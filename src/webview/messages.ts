import * as l10n from '@vscode/l10n';
import { type LayerglassError, RETRY_HELPS } from '../shared/errors';
import { el, fill } from './dom';
import { icon } from './icons';
import { button } from './ui';

/**
 * Shows an error with its message, remedy and actions.
 * @param actions.onRetry repeats the request; `insist`: even if it is costly or ended its process before
 * @param actions.onOpen opens the file that an error suggests; left out by pages that never get such an error
 */
export function errorPanel(actions: { onRetry(insist: boolean): void; onShowLog(): void; onOpen?(): void }): {
  readonly element: HTMLElement;
  show(error: LayerglassError | null): void;
} {
  const text = el('div', { class: 'message-text' });
  const suggestion = el('span', { hidden: true });
  const retry = el('span', {});
  const element = el(
    'div',
    { class: 'message error', role: 'alert', hidden: true },
    icon('error'),
    text,
    el(
      'div',
      { class: 'message-actions' },
      suggestion,
      retry,
      button({ label: l10n.t('Show Log'), onPress: actions.onShowLog }).element,
    ),
  );
  return {
    element,
    show(error) {
      element.hidden = error === null;
      if (error === null) return;
      // A cancelled request, or a question to the user, is not shown as a failure.
      element.classList.toggle('calm', error.kind === 'cancelled' || error.kind === 'too-costly');
      const insist = error.kind === 'too-costly' || error.kind === 'compute-ended';
      const first = RETRY_HELPS[error.kind] && error.suggestion === undefined;
      const label = error.kind === 'too-costly' ? l10n.t('Run Anyway') : l10n.t('Try Again');
      fill(
        retry,
        button({ label, ...(first ? { kind: 'primary' } : {}), onPress: () => actions.onRetry(insist) })
          .element,
      );
      const { onOpen } = actions;
      suggestion.hidden = error.suggestion === undefined || onOpen === undefined;
      if (error.suggestion !== undefined && onOpen !== undefined) {
        const name = error.suggestion.open.split(/[\\/]/).at(-1) ?? '';
        fill(
          suggestion,
          button({ label: l10n.t('Open {0}', name), kind: 'primary', onPress: onOpen }).element,
        );
      }
      fill(
        text,
        el('p', {}, error.message),
        error.remedy ? el('p', { class: 'remedy' }, error.remedy) : null,
      );
    },
  };
}

/** Notices: information that needs no action. */
export function noticeList(): { readonly element: HTMLElement; show(notices: readonly string[]): void } {
  const element = el('ul', { class: 'notices', 'aria-label': l10n.t('Notices'), hidden: true });
  return {
    element,
    show(notices) {
      element.hidden = notices.length === 0;
      fill(element, ...notices.map((notice) => el('li', {}, icon('info'), el('span', {}, notice))));
    },
  };
}
