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
    fail('too-large', `Input "${inputName}" of shape (${shape.join(', ')}) would have ${count} values.`, {
      remedy: `The limit is ${MAX_INPUT_VALUES} values; choose a smaller image or array.`,
      subject: inputName,
    });
  }
  return count;
}
