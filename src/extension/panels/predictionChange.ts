import * as l10n from '@vscode/l10n';
import type { Explanation, Prediction } from '../../shared/explanation';

type Predicted = Pick<Prediction, 'index' | 'label'>;

/** Remembers the prediction that a page shows, to notify the user when a changed model file changes it. */
export class PredictionChange {
  private last: {
    readonly modelId: string;
    readonly key: string;
    readonly predicted: Predicted;
    readonly notice: string | null;
  } | null = null;

  /**
   * The explanation, with a notice if the model file was reloaded and predicts another class on the same basis.
   * @param modelId changes each time the file is read
   * @param basis what the prediction depends on: inputs, preprocessing, and the output
   */
  withNotice<T extends Pick<Explanation, 'predictions' | 'notices'>>(
    modelId: string,
    basis: unknown,
    explanation: T,
  ): T {
    const [predicted] = explanation.predictions;
    if (predicted === undefined) return explanation;
    const { last } = this;
    const key = JSON.stringify(basis);
    const isSame = last !== null && last.key === key;
    const changed = isSame && last.modelId !== modelId && last.predicted.index !== predicted.index;
    // A save is often read twice: the second reading finds no further change and must keep the notice of the first.
    const notice = changed
      ? l10n.t(
          'The model file changed: the predicted class was {0}, now it is {1}.',
          named(last.predicted),
          named(predicted),
        )
      : isSame
        ? last.notice
        : null;
    this.last = { modelId, key, predicted, notice };
    return notice === null ? explanation : { ...explanation, notices: [notice, ...explanation.notices] };
  }
}

const named = ({ index, label }: Predicted): string =>
  label === null ? String(index) : `${index} (${label})`;
