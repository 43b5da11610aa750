import { dirname, join } from 'node:path';
import * as l10n from '@vscode/l10n';
import { Uri } from 'vscode';
import type { TensorExportFormat } from '../../shared/results/tensorSlice';
import type { LayerChoice } from '../../shared/view';
import { chooseSaveTarget } from '../ui';

const TYPES: Readonly<Record<TensorExportFormat, string>> = {
  npy: l10n.t('NumPy array'),
  csv: l10n.t('CSV table'),
};

/**
 * Asks where to write the values of a layer: by default beside the model, named after the layer.
 * @returns `undefined` when the user cancelled; the dialog asks before an existing file is replaced
 */
export async function tensorTarget(
  { modelPath, layer }: Pick<LayerChoice, 'modelPath' | 'layer'>,
  isSlice: boolean,
  format: TensorExportFormat,
): Promise<string | undefined> {
  const name = layer.replace(/[^\w.-]+/g, '-');
  const target = await chooseSaveTarget({
    title: l10n.t('Export Values'),
    saveLabel: l10n.t('Export'),
    defaultUri: Uri.file(join(dirname(modelPath), `${name}${isSlice ? '-slice' : ''}.${format}`)),
    filters: { [TYPES[format]]: [format] },
  });
  return target?.fsPath;
}
