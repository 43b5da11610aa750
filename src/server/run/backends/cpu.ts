import * as l10n from '@vscode/l10n';
import type { TF } from '../../layers/kind';

/** Plain JavaScript: slow, and needs nothing. */
export async function startCpu(): Promise<TF> {
  const { core, cpuBackend } = await import('./tensorflow');
  const [tf] = await Promise.all([core(), cpuBackend()]);
  tf.enableProdMode();
  if (!(await tf.setBackend('cpu'))) throw new Error(l10n.t('the JavaScript backend did not start'));
  return tf;
}
