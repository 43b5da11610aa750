import { fail } from '../../shared/errors';

/** Letters of a name, or of a path with the models around it. Names that people and exporters give stay far below. */
export const MAX_NAME_LENGTH = 1000;

/**
 * Refuses a name of more than `MAX_NAME_LENGTH` letters: a row names each of its inputs, so that a few thousand layers of
 * such names would be gigabytes of text. Not shortened, because weights and connections are found by names.
 * @param what 'a layer', 'a class', ...
 * @throws Failure `too-large`.
 */
export function checkName(name: string, what: string): void {
  if (name.length <= MAX_NAME_LENGTH) return;
  const start = JSON.stringify(name.slice(0, 40));
  fail(
    'too-large',
    `The file names ${what} ${start}… with ${name.length} letters, more than ${MAX_NAME_LENGTH}.`,
    {
      remedy: 'Give it a shorter name and save the model again.',
    },
  );
}
