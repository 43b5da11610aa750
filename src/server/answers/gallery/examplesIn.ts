import { basename } from 'node:path';
import * as l10n from '@vscode/l10n';
import { fail } from '../../../shared/errors';
import type { InputSource } from '../../../shared/inputs';
import { MAX_BATCH } from '../../../shared/results/gallery';
import type { OpenModel } from '../../session/openModels';

/**
 * The examples in a list that has one source for each model input, one example after the other.
 * @throws Failure `bad-input` for a list of another length, or of too many examples
 */
export function examplesIn(
  { path, graph }: OpenModel,
  sources: readonly InputSource[],
): (readonly InputSource[])[] {
  const width = graph.inputs.length;
  if (width === 0 || sources.length % width !== 0 || sources.length / width > MAX_BATCH) {
    fail(
      'bad-input',
      l10n.t('{0} takes {1} inputs, and {2} sources were given.', basename(path), width, sources.length),
      {
        remedy: l10n.t('Give at most {0} examples, each with one source per input.', MAX_BATCH),
        subject: path,
      },
    );
  }
  return Array.from({ length: sources.length / width }, (_, i) => sources.slice(i * width, (i + 1) * width));
}
