import * as l10n from '@vscode/l10n';
import { fail } from '../../shared/errors';

/** Values of one input tensor; 256 MB as float32. */
export const MAX_INPUT_VALUES = 64 * 1024 * 1024;
/** Bytes of an input file, and of one array unpacked from it. */
export const MAX_INPUT_BYTES = 512 * 1024 * 1024;
/** Strings of one input tensor, and their bytes in the file: each string is a separate object. */
export const MAX_INPUT_STRINGS = 2 ** 20;
export const MAX_INPUT_STRING_BYTES = 2 ** 26;

/**
 * Number of values of a shape.
 *
 * @throws Failure `too-large` above `MAX_INPUT_VALUES`.
 */
export function boundedCount(shape: readonly number[], inputName: string): number {
  const count = shape.reduce((product, size) => product * size, 1);
  if (!(count <= MAX_INPUT_VALUES)) {
    fail(
      'too-large',
      l10n.t('Input "{0}" of shape ({1}) would have {2} values.', inputName, shape.join(', '), count),
      {
        remedy: l10n.t('The limit is {0} values; choose a smaller image or array.', MAX_INPUT_VALUES),
        subject: inputName,
      },
    );
  }
  return count;
}
