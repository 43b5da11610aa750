import { basename } from 'node:path';
import * as l10n from '@vscode/l10n';
import { fail } from '../../../shared/errors';
import type { Preprocessing } from '../../../shared/inputs';
import { mapInto } from '../../../shared/mapInto';
import { arrayInput } from '../arrays/arrayInput';
import { boundedCount } from '../inputLimits';
import { type InputSpec, type LoadedInput, shapeText } from '../loadedInput';
import { numberIn } from './tableInput';

/**
 * A text of numbers, separated by spaces, commas, semicolons or line breaks, as a model's input: token ids, a signal. They fill the
 * input row by row.
 *
 * @throws Failure `bad-input` for other text, `wrong-shape` if their number is not that of the input.
 */
export function numbersInput(
  text: string,
  file: string,
  spec: InputSpec,
  preprocessing: Preprocessing,
): Omit<LoadedInput, 'source'> {
  const words = text.split(/[\s,;]+/).filter((word) => word !== '');
  boundedCount([words.length], spec.name);
  const values = mapInto(new Float32Array(words.length), words, (word, i) =>
    numberIn(word, () => l10n.t('{0}: number {1}', basename(file), i + 1), spec),
  );
  const rounded = words.some((word, i) => Number.isInteger(Number(word)) && Number(word) !== values[i]);
  return arrayInput(
    { dtype: 'float32', shape: filled(values.length, file, spec), values, rounded },
    file,
    spec,
    preprocessing,
  );
}

/** The shape of one example of `count` values. */
function filled(count: number, file: string, { name, shape }: InputSpec): number[] {
  const sizes = shape?.slice(1) ?? [null];
  const known = sizes.reduce<number>((product, size) => product * (size ?? 1), 1);
  const open = sizes.filter((size) => size === null).length;
  const isWhole = open === 0 ? count === known : open === 1 && count > 0 && count % known === 0;
  if (isWhole) return [1, ...sizes.map((size) => size ?? count / known)];
  return fail(
    'wrong-shape',
    count === 1
      ? l10n.t('{0} holds 1 number, and input "{1}" takes {2}.', basename(file), name, shapeText(shape))
      : l10n.t(
          '{0} holds {1} numbers, and input "{2}" takes {3}.',
          basename(file),
          count,
          name,
          shapeText(shape),
        ),
    { remedy: l10n.t('Give it as many numbers as the model takes.'), subject: file },
  );
}
