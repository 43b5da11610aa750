import * as l10n from '@vscode/l10n';
import { type Result, toResult } from '../../shared/errors';
import type { InputSource, Preprocessing } from '../../shared/inputs';
import type { Scores } from '../explain/score';
import type { PartReader } from '../inputs/partReader';
import type { Runtime } from '../run/backends/backend';
import { type Control, checkpoint } from '../run/control';
import { type Example, scoresOf } from './examples';
import { loadInputs } from './modelInputs';
import type { OpenModel } from './openModels';
import type { Runs } from './runs';

export interface ScoresRequest {
  /** Each with one source per model input. */
  readonly examples: readonly (readonly InputSource[])[];
  readonly preprocessing: Preprocessing;
  /** As `InputReadOptions` has it. */
  readonly preprocessArrays?: boolean;
  /** Which model output. */
  readonly output: number;
  /** Run even if it is costly. */
  readonly insist: boolean;
  readonly reader: PartReader;
}

/** Values of examples that are in memory together; 128 MB. */
const MAX_LOADED_VALUES = 2 ** 25;

/**
 * The scores of an output for many examples, in their order, read and computed some at a time. One that cannot be read or computed fails alone.
 * @throws Failure as `Runs.withWeights` and `scoresOf`
 */
export function manyScores(
  runs: Runs,
  model: OpenModel,
  runtime: Runtime,
  { examples, preprocessing, preprocessArrays = false, output, insist, reader }: ScoresRequest,
  control: Control,
): Promise<Result<Scores>[]> {
  return runs.withWeights(model, runtime, insist, async (weights, maxBytes) => {
    const results: Result<Scores>[] = [];
    let waiting: { readonly at: number; readonly example: Example }[] = [];
    let held = 0;
    const compute = async () => {
      const passes = { runtime, graph: model.graph, weights, control, output, maxBytes };
      const scores = await scoresOf(
        passes,
        waiting.map(({ example }) => example),
      );
      for (const [i, { at }] of waiting.entries()) {
        const found = scores[i];
        if (found) results[at] = found;
      }
      waiting = [];
      held = 0;
    };
    try {
      for (const [at, sources] of examples.entries()) {
        await checkpoint(control, at / examples.length, l10n.t('Reading inputs'));
        const reading = { preprocessArrays, read: reader.read };
        const loaded = await toResult(() => loadInputs(model, sources, preprocessing, reading));
        if (!loaded.ok) {
          results[at] = loaded;
          continue;
        }
        waiting.push({ at, example: loaded.value });
        held += loaded.value.reduce((sum, { values }) => sum + values.length, 0);
        if (held > MAX_LOADED_VALUES) await compute();
      }
      await compute();
    } finally {
      reader.rest();
    }
    return results;
  });
}
