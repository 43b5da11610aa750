import * as l10n from '@vscode/l10n';
import { fail } from '../../../shared/errors';
import { type InputSource, type Preprocessing, unscaled } from '../../../shared/inputs';
import type { LoadedInput } from '../../inputs/loadedInput';
import { loadInputs, takesPreprocessing } from '../../session/modelInputs';
import type { Run } from '../../session/runs';

/** One input of a run, before and after preprocessing. */
export interface GivenInput {
  /** Before preprocessing. */
  readonly loaded: LoadedInput;
  /** As the model received it. */
  readonly prepared: LoadedInput;
  /** With the batch axis, as the model takes it. */
  readonly shape: readonly number[];
  /** An image whose pixels are bytes, as an image file has them. */
  readonly isBytes: boolean;
}

/** @throws Failure `bad-input` for an input that the model does not have, and those of `loadInputs`. */
export async function givenInput(
  run: Run,
  params: {
    readonly input: number;
    readonly inputs: readonly InputSource[];
    readonly preprocessing: Preprocessing;
  },
): Promise<GivenInput> {
  const all = await loadInputs(run.model, params.inputs, unscaled(params.preprocessing), {});
  const [loaded, prepared] = [all[params.input], run.inputs[params.input]];
  if (!loaded || !prepared)
    return fail('bad-input', l10n.t('The model has no input {0}.', params.input), {
      remedy: l10n.t('Choose one that it has.'),
    });
  const isBytes = loaded.image !== null && takesPreprocessing(loaded.source);
  return { loaded, prepared, shape: loaded.shape, isBytes };
}
