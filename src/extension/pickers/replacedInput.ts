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
  const these = missing.length === 1 ? `${names} is` : `${names} are`;
  return fail('bad-input', `The model takes ${length} inputs, and ${these} not chosen yet.`, {
    remedy: 'Choose all of them with "Input" at the top of the page.',
  });
}
