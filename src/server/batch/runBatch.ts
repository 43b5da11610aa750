import type { BatchRow } from '../../shared/batch/batchRow';
import { MAX_BATCH, type Thumbnail } from '../../shared/results/gallery';
import { thumbnails } from '../answers/gallery/thumbnails';
import { PartReader } from '../inputs/partReader';
import { type Control, checkpoint } from '../run/control';
import type { Session } from '../session/session';
import type { BatchInput } from './batchInputs';
import { explainedRow, failedRow, MAX_SIDE, reasonOf, scoredRow } from './batchRows';
import type { BatchRun } from './batchRun';

/**
 * Predicts and explains inputs, one after the other with methods and many in a pass without. The pictures of a row are on disk before the row is
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
  const reader = new PartReader();
  if (batch.methods.length === 0) return predictAll(session, batch, inputs, reader, control, add);
  for (const input of inputs) {
    await checkpoint(control, 0, input.name);
    const start = performance.now();
    const seconds = () => (performance.now() - start) / 1000;
    if (input.error !== null) add(failedRow(input, input.error, 0));
    else
      try {
        const row = await session.run(
          batch.opened.id,
          input.sources,
          batch.preprocessing,
          control,
          (run) => explainedRow(batch, input, run, control),
          { preprocessArrays: batch.preprocessArrays, insist: batch.insist, read: reader.read },
        );
        add({ ...row, seconds: seconds() });
      } catch (thrown) {
        add(failedRow(input, reasonOf(thrown), seconds()));
      }
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
      else add(scoredRow(batch, input, found, shown[readable.indexOf(input)], seconds));
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
