import * as l10n from '@vscode/l10n';
import { fail } from '../../shared/errors';
import type { InputSource } from '../../shared/inputs';
import type { OpenedModel } from '../../shared/protocol';
import { shapeText } from '../shapeText';

/** The inputs of a model with one replaced. @throws Failure `bad-input` while others are missing. */
export function withInput(
  { summary }: OpenedModel,
  before: readonly InputSource[],
  input: number,
  source: InputSource,
): readonly InputSource[] {
  const { length } = summary.inputs;
  const known = before.length === length ? before : [];
  const inputs = summary.inputs.flatMap((_, i) => (i === input ? [source] : (known[i] ?? [])));
  if (inputs.length === length && input < length) return inputs;
  const missing = summary.inputs.filter((_, i) => i !== input && known[i] === undefined);
  const names = missing.map(({ name, shape }) => `"${name}" ${shapeText(shape)}`).join(', ');
  const message =
    missing.length === 1
      ? l10n.t('The model takes {0} inputs, and {1} is not chosen yet.', length, names)
      : l10n.t('The model takes {0} inputs, and {1} are not chosen yet.', length, names);
  return fail('bad-input', message, {
    remedy: l10n.t('Choose all of them with "Input" at the top of the page.'),
  });
}
