import { basename } from 'node:path';
import * as l10n from '@vscode/l10n';
import { fail } from '../../../shared/errors';
import { readFile } from '../../io/openFile';
import { boundedCount, MAX_INPUT_BYTES } from '../inputLimits';
import { parseNpy } from './npy';

const ADVICE = { choose: l10n.t('Choose an .npy array.') };

/**
 * Reads a whole .npy array of numbers that an option of a method names: a baseline, groups.
 * @throws Failure `file-not-found`, `file-unreadable`, `bad-input`, `truncated`, `too-large`.
 */
export async function readMapFile(
  path: string,
): Promise<{ readonly shape: readonly number[]; readonly values: Float32Array }> {
  const { shape, values, strings } = parseNpy(readFile(path, MAX_INPUT_BYTES, ADVICE), path, (header) =>
    boundedCount(header.shape, basename(path)),
  );
  if (strings === undefined) return { shape, values };
  return fail('bad-input', l10n.t('{0} holds strings, and an option takes numbers.', basename(path)), {
    remedy: l10n.t('Write it as numbers: numpy.save(path, array.astype("float32")).'),
    subject: path,
  });
}
