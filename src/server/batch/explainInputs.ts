import type { BatchMap, BatchTrust } from '../../shared/batch/batchRow';
import { evidenceShares } from '../../shared/batch/evidence';
import type { MethodId } from '../../shared/methods';
import type { Trust } from '../../shared/results/trust';
import { type DrawableExplanation, type DrawableMap, explainRuns } from '../answers/explanation';
import { trustRun } from '../answers/trust';
import { isClose } from '../explain/passes';
import { readScores, type Scores } from '../explain/score';
import type { LoadedInput } from '../inputs/loadedInput';
import type { Control } from '../run/control';
import type { JointRun } from '../session/jointRun';
import type { Run } from '../session/runs';
import type { BatchRun } from './batchRun';
import { reasonOf } from './reasonOf';

/** What is known about one input, before anything is drawn. */
export interface ExplainedInput {
  readonly inputs: readonly LoadedInput[];
  readonly scores: Scores;
  /** One for each method. */
  readonly maps: readonly ExplainedMap[];
}

/** A map of one method, or why there is none. */
export interface ExplainedMap extends Pick<BatchMap, 'method' | 'evidence' | 'trust' | 'error'> {
  readonly explained: DrawableExplanation | null;
}

/** Explains inputs that were run together, by each method. @throws Failure that ends the batch, or one of inputs that share a run */
export async function explainInputs(
  batch: BatchRun,
  joint: JointRun,
  control: Control,
): Promise<ExplainedInput[]> {
  const maps: ExplainedMap[][] = joint.runs.map(() => []);
  for (const method of batch.methods)
    for (const [i, map] of (await mapsOf(batch, joint, method, control)).entries()) maps[i]?.push(map);
  const found: ExplainedInput[] = [];
  // After the maps: an explanation reads the scores along with what else it needs of the run.
  for (const [i, { trace, inputs }] of joint.runs.entries())
    found.push({ inputs, scores: await readScores(trace, batch.output), maps: maps[i] ?? [] });
  return found;
}

/** Whether two answers about an input are equal up to rounding. */
export const isSameAnswer = (a: ExplainedInput, b: ExplainedInput): boolean =>
  isClose(b.scores.logits, a.scores.logits) &&
  a.maps.every(({ explained, error }, i) => {
    const other = b.maps[i];
    const rawMaps = (one: DrawableExplanation | null | undefined) => one?.maps.map(({ raw }) => raw) ?? [];
    const theirs = rawMaps(other?.explained);
    return (
      error === other?.error &&
      rawMaps(explained).every(({ values }, j) => isClose(theirs[j]?.values ?? new Float32Array(), values))
    );
  });

async function mapsOf(
  batch: BatchRun,
  joint: JointRun,
  method: MethodId,
  control: Control,
): Promise<ExplainedMap[]> {
  const { opened, preprocessing, options, output, labels, insist } = batch;
  const question = {
    ...{ modelId: opened.id, preprocessing, method, options: options[method] ?? {}, layer: 'auto' as const },
    ...{ target: { index: 'auto' as const, output }, labels, insist },
  };
  try {
    const found: ExplainedMap[] = [];
    for (const [i, explained] of (await explainRuns(joint, question, control)).entries()) {
      const run = joint.runs[i];
      if (!run) continue;
      const trust = batch.trust ? keptTrust(await trustRun(run, question, control, explained.found)) : null;
      found.push({ method, explained, evidence: evidenceOf(run, explained), trust, error: null });
    }
    return found;
  } catch (thrown) {
    // It may be that of one of them: each is then run alone.
    if (joint.runs.length > 1) throw thrown;
    return [{ method, explained: null, evidence: null, trust: null, error: reasonOf(thrown) }];
  }
}

/** Without what is the same for all inputs: how it was measured. */
function keptTrust({ notes: _notes, randomisationStages: _stages, ...kept }: Trust): BatchTrust {
  return { ...kept, reasons: [...kept.reasons] };
}

function evidenceOf(run: Run, { header, maps: [first] }: DrawableExplanation): BatchMap['evidence'] {
  if (first === undefined || !hasPlaces(run, first)) return null;
  return evidenceShares(first.display.values, first.display.shape, header.display === 'signed');
}

/** Whether positions of the map are places: those of an image, a volume or a sequence, not features in any order. */
function hasPlaces({ inputs }: Run, { drawing: { onInput, names, inputIndex } }: DrawableMap): boolean {
  const rank = inputs[inputIndex]?.shape.length ?? 0;
  return onInput && (rank > 2 || names?.kind === 'tokens' || names?.kind === 'letters');
}
