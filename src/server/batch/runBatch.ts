import type { BatchRow } from '../../shared/batch/batchRow';
import { Failure } from '../../shared/errors';
import { MAX_BATCH, type Thumbnail } from '../../shared/results/gallery';
import { thumbnails } from '../answers/gallery/thumbnails';
import { IMPLEMENTATIONS } from '../explain/methods';
import { PartReader } from '../inputs/partReader';
import type { Control } from '../run/control';
import type { JointRun } from '../session/jointRun';
import type { Answer } from '../session/manyRuns';
import type { Session } from '../session/session';
import type { BatchInput } from './batchInputs';
import { type DrawnRow, explainedRow, failedRow, MAX_SIDE, scoredRow, writePictures } from './batchRows';
import type { BatchRun } from './batchRun';
import { type ExplainedInput, explainInputs, isSameAnswer } from './explainInputs';
import { reasonOf } from './reasonOf';

/**
 * Predicts and explains inputs, many in a run where the model and the methods allow it. The pictures of a row are on disk before the row is
 * given to `add`. A row depends on its input alone, so that it does not matter which inputs a call is given.
 *
 * @throws Failure `cancelled`, and others that no input could escape
 */
export async function runBatch(
  session: Session,
  batch: BatchRun,
  inputs: readonly BatchInput[],
  control: Control,
  add: (row: BatchRow) => void,
): Promise<void> {
  if (batch.methods.length === 0) return predictAll(session, batch, inputs, new PartReader(), control, add);
  for (const input of inputs) if (input.error !== null) add(failedRow(input, input.error, 0));
  const readable = inputs.filter(({ error }) => error === null);
  const { preprocessing, preprocessArrays, insist, methods, trust } = batch;
  let start = performance.now();
  // Pictures are compressed and written while the next inputs are computed.
  let writing: Promise<void> = Promise.resolve();
  const request = {
    ...{ examples: readable.map(({ sources }) => sources), preprocessing, preprocessArrays, insist },
    mayShare: !trust && methods.every((method) => IMPLEMENTATIONS[method].cost === undefined),
    answer: (joint: JointRun) => explainInputs(batch, joint, control),
    isSame: isSameAnswer,
    async take(answers: readonly Answer<ExplainedInput>[]) {
      const seconds = (performance.now() - start) / 1000 / answers.length;
      const drawn = answers.flatMap(({ at, result }) => {
        const input = readable[at];
        if (!input) return [];
        if (result.ok) return explainedRow(batch, input, result.value, seconds);
        return { row: failedRow(input, reasonOf(new Failure(result.error)), seconds), pictures: new Map() };
      });
      await writing;
      writing = written(batch, drawn, add);
      // It is reported when it is waited for.
      writing.catch(() => {});
      start = performance.now();
    },
  };
  try {
    await session.runEach(batch.opened.id, request, control);
  } finally {
    await writing;
  }
}

/** Gives rows to `add` as soon as their pictures are on disk. */
async function written(
  batch: BatchRun,
  drawn: readonly DrawnRow[],
  add: (row: BatchRow) => void,
): Promise<void> {
  for (const one of drawn) {
    await writePictures(batch.out, one);
    add(one.row);
  }
}

async function predictAll(
  session: Session,
  batch: BatchRun,
  inputs: readonly BatchInput[],
  reader: PartReader,
  control: Control,
  add: (row: BatchRow) => void,
): Promise<void> {
  for (let from = 0; from < inputs.length; from += MAX_BATCH) {
    const part = inputs.slice(from, from + MAX_BATCH);
    const readable = part.filter(({ error }) => error === null);
    const examples = readable.map(({ sources }) => sources);
    const start = performance.now();
    const { preprocessing, preprocessArrays, output, insist } = batch;
    const request = { examples, preprocessing, preprocessArrays, output, insist };
    const scores = examples.length === 0 ? [] : await session.scores(batch.opened.id, request, control);
    const shown = batch.out !== null ? await pictures(batch, readable, reader, control) : [];
    const seconds = (performance.now() - start) / 1000 / Math.max(1, readable.length);
    for (const input of part) {
      const found = scores[readable.indexOf(input)];
      if (input.error !== null || found === undefined) add(failedRow(input, input.error ?? '', 0));
      else
        await written(batch, [scoredRow(batch, input, found, shown[readable.indexOf(input)], seconds)], add);
    }
  }
}

async function pictures(
  { opened, preprocessing }: BatchRun,
  examples: readonly BatchInput[],
  reader: PartReader,
  control: Control,
): Promise<readonly Thumbnail[]> {
  if (examples.length === 0) return [];
  const inputs = examples.flatMap(({ sources }) => sources);
  return thumbnails(opened, { modelId: opened.id, inputs, preprocessing, side: MAX_SIDE }, reader, control);
}
