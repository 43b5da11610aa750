import * as l10n from '@vscode/l10n';

/** The page may be shown on another machine than the one that VS Code's server runs on: its own browser tells. */
const isMac = navigator.userAgent.includes('Macintosh');

/** Names of keys as they are printed on the keyboard. */
export const SHORTCUTS = {
  undo: isMac ? l10n.t('Cmd+Z') : l10n.t('Ctrl+Z'),
  redo: isMac ? l10n.t('Cmd+Shift+Z') : l10n.t('Ctrl+Y'),
  enter: isMac ? l10n.t('Cmd+Enter') : l10n.t('Ctrl+Enter'),
} as const;
