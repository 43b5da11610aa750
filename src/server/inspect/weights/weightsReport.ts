import { join, resolve } from 'node:path';
import * as l10n from '@vscode/l10n';
import { fail } from '../../../shared/errors';
import type { WeightStatistics } from '../../../shared/results/weights';
import { npyParts } from '../../inputs/arrays/npy';
import { type AddFile, writeAllOrNoneAsync } from '../../io/writeFile';
import type { StoredWeight } from '../../run/weights/storedWeights';
import { npyNames } from './npyNames';
import { isNumeric, statisticsOf, summaryOf } from './weightStatistics';

/** A weight's statistics, and the file that it was written to. */
export interface ReportedWeight extends WeightStatistics {
  readonly file?: string;
}

/** The weights of a layer, of the layers of a nested model, or one weight by its whole path. @throws Failure `no-such-layer`. */
export function weightsOf(weights: readonly StoredWeight[], path: string, knows: boolean): StoredWeight[] {
  const found = weights.filter(
    ({ layer, name }) => layer === path || layer.startsWith(`${path}/`) || `${layer}/${name}` === path,
  );
  if (found.length > 0 || knows) return found;
  return fail('no-such-layer', l10n.t('The file contains no weights of a layer "{0}".', path), {
    subject: path,
    remedy: l10n.t('Names of inner layers are written with their model, as in vgg16/block5_conv3.'),
  });
}

/**
 * Statistics of weights, which are read one at a time.
 * @param folder where each is also written as a .npy file of float32, all or none
 * @throws Failure of reading or writing.
 */
export async function weightsReport(
  weights: readonly StoredWeight[],
  folder: string | undefined,
): Promise<readonly ReportedWeight[]> {
  if (folder === undefined) return reportAll(weights, () => undefined);
  const nameOf = npyNames();
  return writeAllOrNoneAsync((add) =>
    reportAll(weights, (weight, values) =>
      written(add, join(resolve(folder), nameOf(summaryOf(weight))), weight, values),
    ),
  );
}

async function reportAll(
  weights: readonly StoredWeight[],
  write: (weight: StoredWeight, values: Float32Array) => string | undefined,
): Promise<readonly ReportedWeight[]> {
  const report: ReportedWeight[] = [];
  for (const weight of weights) {
    const values = isNumeric(weight) ? await weight.read() : null;
    const file = values === null ? undefined : write(weight, values);
    report.push({ ...statisticsOf(weight, values), ...(file !== undefined && { file }) });
  }
  return report;
}

function written(add: AddFile, path: string, { shape }: StoredWeight, values: Float32Array): string {
  add(path, npyParts(values, shape));
  return path;
}
