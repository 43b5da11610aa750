import * as l10n from '@vscode/l10n';
import type { EditableInputParams } from '../../../shared/protocol';
import type { Editable, EditableInput } from '../../../shared/results/editableInput';
import { scoresOf } from '../../explain/explain';
import { predictions } from '../../explain/score';
import { toChannelsLast } from '../../inputs/images/channels';
import { isInteger } from '../../inputs/loadedInput';
import { takesChannelsFirst } from '../../session/modelInputs';
import type { Run } from '../../session/runs';
import { toWireBytes, toWireTensor } from '../explanation';
import { type GivenInput, givenInput } from './givenInput';
import { formatsOf } from './savedInput';

/** More pixels, values or letters are not sent to be edited one by one. */
const MAX_EDITABLE = 4_000_000;
const MAX_LETTERS = 20_000;
const MAX_STRINGS = 100;

/**
 * One input of a run as it can be edited, with the prediction of the run.
 * @param run of the inputs without edits
 * @throws Failure `bad-input` for an input that the model does not have, and those of `loadInputs` and `scoresOf`.
 */
export async function editableInput(run: Run, params: EditableInputParams): Promise<EditableInput> {
  const given = await givenInput(run, params);
  const scores = await scoresOf(run.trace, params.target ?? { index: 'auto' });
  return {
    editable: editableOf(run, params.input, given),
    before: predictions(scores, params.labels ?? []),
    formats: formatsOf(given),
  };
}

function editableOf(run: Run, index: number, { loaded, shape }: GivenInput): Editable {
  const { strings, image, names, values } = loaded;
  if (strings) return strings.length <= MAX_STRINGS ? { kind: 'text', strings } : tooMany('strings');
  if (image) {
    const { width, height, rgb } = image;
    if (width * height > MAX_EDITABLE) return tooMany('pixels');
    const isGrey = values.length === width * height;
    const pixels = isGrey ? rgb.filter((_, i) => i % 3 === 0) : rgb;
    return { kind: 'picture', pixels: toWireBytes(pixels, [height, width, isGrey ? 1 : 3]) };
  }
  if (names?.kind === 'letters')
    return names.values.length <= MAX_LETTERS
      ? { kind: 'letters', letters: names.values }
      : tooMany('letters');
  if (values.length > MAX_EDITABLE) return tooMany('values');
  const sizes = shape.slice(1);
  const isTurned = takesChannelsFirst(run.model.graph, index) && sizes.length >= 3;
  const [channels = 1, ...spatial] = sizes;
  const last = isTurned ? toChannelsLast(values, channels) : values;
  return {
    kind: 'values',
    values: toWireTensor({ values: last, shape: isTurned ? [...spatial, channels] : sizes }),
    names: names ?? null,
    whole: isInteger(run.model.graph.summary.inputs[index]?.dtype ?? ''),
  };
}

const tooMany = (what: string): Editable => ({
  kind: 'none',
  why: l10n.t('This input has too many {0} to be edited here.', what),
});
