import * as l10n from '@vscode/l10n';
import { durationText } from '../../shared/amounts';
import type { Progress } from '../../shared/view';

/**
 * How far the predictions are.
 * @param done inputs of `total` that are predicted, `own` of them since `start`
 */
export function progressOf(done: number, total: number, own: number, start: number): Progress {
  const texts = [done, total].map((count) => count.toLocaleString('en-US'));
  const [reached = '', all = ''] = texts;
  const left = own > 0 ? ((performance.now() - start) / own) * (total - done) : null;
  return {
    fraction: total === 0 ? null : done / total,
    message:
      left === null
        ? l10n.t('Predicting: {0} of {1}', reached, all)
        : l10n.t('Predicting: {0} of {1}, about {2} left', reached, all, durationText(left)),
  };
}
