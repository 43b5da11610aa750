import * as l10n from '@vscode/l10n';
import { fail } from '../errors';

/**
 * The class that a text names: its index, or one of the model's class names.
 * @throws Failure `no-such-target`.
 */
export function classIndex(text: string, labels: readonly string[]): number {
  if (/^\d+$/.test(text)) return Number(text);
  const found = labels.indexOf(text);
  if (found >= 0) return found;
  return fail('no-such-target', l10n.t('There is no class "{0}".', text), {
    remedy:
      labels.length === 0
        ? l10n.t('Give a class index: the model’s settings file names no classes.')
        : l10n.t('Give a class index or one of: {0}.', labels.slice(0, 20).join(', ')),
  });
}
