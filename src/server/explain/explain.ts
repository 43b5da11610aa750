import { fail } from '../../shared/errors';
import type { ExplanationHeader, TargetChoice } from '../../shared/explanation';
import { METHODS, type MethodId } from '../../shared/methods';
import type { BackwardWalk, Seed } from '../run/backward';
import type { Control } from '../run/control';
import { hasNonFinite, nonFiniteGradient, nonFiniteOrigin } from '../run/nonFinite';
import type { RectifierRule } from '../run/rectifierRules';
import type { Trace } from '../run/trace';
import { range } from './displayMap';
import { ForwardPasses } from './forwardPasses';
import { defaultLayer, resolveLayer } from './layerChoice';
import type { RawMap } from './method';
import { IMPLEMENTATIONS } from './methods';
import { placementOf } from './placement';
import { chooseTarget, createSeed, predictions, readScores, type Scores, sigmoidLogit } from './score';
import { explanationSentence } from './sentence';

export interface ExplainRequest {
  readonly method: MethodId;
  readonly layer: 'auto' | string;
  readonly target: TargetChoice;
  readonly labels: readonly string[];
  /** Index of the model input that the map covers. */
  readonly input: number;
}

/** Caches the walks of a trace, so that another layer or method on the same score continues where the last one stopped. */
export interface Walks {
  get(key: string, rule: RectifierRule, seed: () => Seed): BackwardWalk;
  /** Bytes of the kept gradients. */
  readonly bytes: number;
}

export interface ExplainResult {
  readonly header: ExplanationHeader;
  readonly map: RawMap;
}

/**
 * Explains one score on one trace. The caller adds the times of the pass that made the trace.
 * @throws Failure `not-applicable`, `no-such-layer`, `no-such-target`, `unknown-layer`, `cancelled`.
 */
export async function explain(
  trace: Trace,
  walks: Walks,
  question: ExplainRequest,
  control: Control,
): Promise<ExplainResult> {
  const { scope, label } = METHODS[question.method];
  const method = IMPLEMENTATIONS[question.method];
  const output = question.target.output ?? 0;
  const scores = await readScores(trace, output);
  const target = chooseTarget(scores, question.target, question.labels);
  const input = trace.graph.inputs[question.input];
  if (input === undefined) {
    if (trace.graph.inputs.length > 0)
      return fail('not-applicable', `The model has no input ${question.input}.`);
    return fail(
      'not-applicable',
      'The model takes no inputs, so there is nothing to explain its prediction by.',
      {
        remedy: 'See what it computes in its outputs and in the values of its layers.',
      },
    );
  }

  const asked = question.layer === 'auto' ? defaultLayer(trace.graph, output) : question.layer;
  const layer = scope === 'layer' && asked !== null ? resolveLayer(trace.graph, asked) : null;
  const used: BackwardWalk[] = [];
  const key = `${output}/${target.index}/${target.negative}/${target.score}`;
  const spent = new Map<BackwardWalk, number>();
  const walk = (rule: RectifierRule): BackwardWalk => {
    const found = walks.get(`${key}/${rule.name}`, rule, () =>
      createSeed(trace.runtime.tf, trace, scores, target),
    );
    if (!spent.has(found)) {
      spent.set(found, found.time);
      used.push(found);
    }
    return found;
  };
  const passes = new ForwardPasses({ trace, scores, target, input, control });
  const map = await method.attribute({
    tf: trace.runtime.tf,
    trace,
    walk,
    layer: layer?.node ?? null,
    layerOutput: layer?.output ?? 0,
    input,
    forward: passes.scores,
    control,
  });
  const { min, max, top } = range(map.values);
  const backward = used.reduce((sum, w) => sum + w.time - (spent.get(w) ?? 0), 0);
  const at = layer?.node ?? input;
  const mapped = method.mapsAt === 'layer' && layer ? layer : { node: input, output: 0 };
  const placement = placementOf(trace, mapped, input);
  const notFinite = await nonFiniteNotices(trace, scores, used, { at, map, control });
  const units = scores.binary ? 2 : scores.logits.length;
  return {
    map,
    header: {
      method: question.method,
      layer: at,
      target,
      predictions: predictions(scores, question.labels),
      binary: scores.binary,
      units,
      map: { shape: map.shape, min, max, top },
      placement: placement?.length === map.shape.length ? placement : null,
      backend: trace.runtime.status.name,
      timings: { load: 0, forward: passes.time, backward, total: passes.time + backward },
      sentence: explanationSentence(label, target, sigmoidLogit(scores, target.index), at, map.shape, units),
      notices: [
        ...(notFinite.length > 0 || max > 0 ? notFinite : [method.emptyNotice]),
        ...(map.notices ?? []),
      ],
    },
  };
}

/** Notices about NaN and infinities among the scores or in the map: how many, and where they come from. */
async function nonFiniteNotices(
  trace: Trace,
  { logits, source: { ref } }: Scores,
  walks: readonly BackwardWalk[],
  { at, map, control }: { at: string; map: RawMap; control: Control },
): Promise<string[]> {
  const isMapFinite = !hasNonFinite(map.values);
  if (isMapFinite && !hasNonFinite(logits)) return [];
  const nan = logits.reduce((count, value) => count + Number(Number.isNaN(value)), 0);
  const notices =
    nan === 0
      ? []
      : nan < logits.length
        ? [`${nan} of ${logits.length} scores are NaN; the strongest of the others is taken for predicted.`]
        : [`${nan === 1 ? 'The score is' : `All ${nan} scores are`} NaN: nothing is predicted.`];
  const origin = await nonFiniteOrigin(trace, [ref, { node: at, output: 0 }]);
  if (origin !== null) return [...notices, origin];
  for (const walk of walks) {
    const gradient = await nonFiniteGradient(walk, at, ref.node, control);
    if (gradient !== null) return [...notices, gradient];
  }
  return [...notices, ...(isMapFinite ? [] : ['The map contains values that are not finite.'])];
}
