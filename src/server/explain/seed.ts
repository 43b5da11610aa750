import * as l10n from '@vscode/l10n';
import { fail } from '../../shared/errors';
import type { TF } from '../layers/kind';
import type { Seed } from '../run/backward';
import type { Trace } from '../run/trace';
import { type Scores, unitsOf } from './score';
import { backwardFromOutput } from './scoreSource';
import type { ScoreFunction } from './target';

/** The score of each example of a run of the same model, and all units of the first one. */
export async function scoreValues(trace: Trace, scores: Scores, score: ScoreFunction) {
  const units = await unitsOf(trace, scores, score.stage);
  const size = scores.logits.length;
  const values = Float64Array.from({ length: units.length / size }, (_, example) =>
    score.value(units.subarray(example * size, (example + 1) * size)),
  );
  return { values, units };
}

/**
 * dScore/dValue where the score is read, for each example: before the activation of the layer that computes it, else at the
 * model's output.
 * @param units of the examples from the first on; examples without units get zeros.
 */
export function createSeed(
  tf: TF,
  trace: Trace,
  scores: Scores,
  score: ScoreFunction,
  units: Float32Array = unitsFor(scores, score),
): Seed {
  const size = scores.logits.length;
  const gradients = Array.from({ length: units.length / size }, (_, example) =>
    score.gradient(units.subarray(example * size, (example + 1) * size)),
  );
  return seedOf(tf, trace, { scores, stage: score.stage, gradients });
}

/** As `createSeed`, where each example of a run has a score of its own; examples beyond these get zeros. */
export function createSeeds(
  tf: TF,
  trace: Trace,
  each: readonly { readonly scores: Scores; readonly score: ScoreFunction }[],
): Seed {
  const [first] = each;
  if (!first) return fail('internal', 'There is no score to explain.');
  const gradients = each.map(({ scores, score }) => score.gradient(unitsFor(scores, score)));
  return seedOf(tf, trace, { scores: first.scores, stage: first.score.stage, gradients });
}

const unitsFor = ({ logits, values }: Scores, { stage }: ScoreFunction): Float32Array =>
  stage === 'pre' ? logits : values;

/** @param found the gradient of each example's score with respect to its units */
function seedOf(
  tf: TF,
  trace: Trace,
  {
    scores,
    stage,
    gradients,
  }: {
    readonly scores: Scores;
    readonly stage: ScoreFunction['stage'];
    readonly gradients: readonly Float32Array[];
  },
): Seed {
  const { output, ref } = scores.source;
  const because = trace.graph.nodes.get(output.node)?.unknownBecause;
  if (because !== undefined) {
    return fail(
      'not-applicable',
      l10n.t('There is no gradient through "{0}": TensorFlow computes it as a whole.', because),
      {
        subject: because,
        remedy: l10n.t(
          'Its values can be looked at; explanations need operations that Layerglass computes itself.',
        ),
      },
    );
  }
  const out = trace.at(output.node).outputs[output.output];
  if (!out) return fail('internal', l10n.t('Layer "{0}" lost its values.', output.node));
  const all = new Float32Array(out.size);
  for (const [example, own] of gradients.entries()) all.set(own, example * own.length);
  const gradient = tf.tensor(all, out.shape, 'float32');
  if (stage === 'post') return { ...output, stage: 'post', gradient };
  try {
    return { ...ref, stage: 'pre', gradient: backwardFromOutput(trace, scores.source, gradient) };
  } finally {
    gradient.dispose();
  }
}
