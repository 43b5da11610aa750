import * as l10n from '@vscode/l10n';
/** Starts the line on stderr in which a compute process that ends itself states the reason. */
export const EXIT_REASON_PREFIX = 'layerglass-compute-ended: ';

/**
 * Why a compute process ended, as the rest of a sentence that begins with "because".
 * @param errors the end of its stderr.
 */
export function exitReason(errors: string, code: number | null, signal: string | null): string {
  const own = errors.lastIndexOf(EXIT_REASON_PREFIX);
  if (own >= 0) return errors.slice(own + EXIT_REASON_PREFIX.length).split('\n', 1)[0] ?? '';
  // V8's messages when the JavaScript heap is full.
  if (/heap out of memory|Allocation failed/.test(errors)) return l10n.t('JavaScript ran out of memory');
  if (signal !== null) return l10n.t('it was ended by {0}', signal);
  return code === null ? l10n.t('it ended with code unknown') : l10n.t('it ended with code {0}', code);
}
