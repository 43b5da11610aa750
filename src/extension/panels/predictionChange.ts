import type { Explanation, Prediction } from '../../shared/explanation';

type Predicted = Pick<Prediction, 'index' | 'label'>;

/** What a page was last told to be predicted, so that a model file that changes under it does not change its mind in silence. */
export class PredictionChange {
  private last: {
    readonly modelId: string;
    readonly question: string;
    readonly predicted: Predicted;
    readonly notice: string | null;
  } | null = null;

  /**
   * The explanation, with a notice where the file that it is of was read anew and predicts another class for the same question.
   * @param modelId another one for each reading of the file.
   * @param question what the prediction depends on: inputs, preprocessing, and the output.
   */
  noticed<T extends Pick<Explanation, 'predictions' | 'notices'>>(
    modelId: string,
    question: unknown,
    explanation: T,
  ): T {
    const [predicted] = explanation.predictions;
    if (predicted === undefined) return explanation;
    const { last } = this;
    const key = JSON.stringify(question);
    const isSame = last !== null && last.question === key;
    const changed = isSame && last.modelId !== modelId && last.predicted.index !== predicted.index;
    // A save is often read twice: what the first reading found must not go with the second, which finds the same.
    const notice = changed
      ? `The model file changed: the predicted class was ${named(last.predicted)}, now it is ${named(predicted)}.`
      : isSame
        ? last.notice
        : null;
    this.last = { modelId, question: key, predicted, notice };
    return notice === null ? explanation : { ...explanation, notices: [notice, ...explanation.notices] };
  }
}

const named = ({ index, label }: Predicted): string =>
  label === null ? String(index) : `${index} (${label})`;
