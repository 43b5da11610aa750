import * as l10n from '@vscode/l10n';
import { PREPROCESSINGS, type Preprocessing } from '../../shared/inputs';
import type { DoctorFinding } from '../../shared/results/doctor';
import { ancestors, resolveLayer } from '../explain/layerChoice';
import { diagnose } from '../inspect/doctor/doctor';
import { withReason } from '../inspect/doctor/normalization';
import { keepsStatistics, statisticsFit } from '../inspect/doctor/trainedStatistics';
import type { Control } from '../run/control';
import { runForward, type Trace } from '../run/trace';
import { loadInputs, takesPreprocessing } from '../session/modelInputs';
import { inputTensors, type Run } from '../session/runs';

/** What was found in a run; not repeated for the pages that ask about the same one. */
const known = new WeakMap<Trace, DoctorFinding | null>();

/**
 * What is wrong with a model for an input, with a preprocessing that mends it where there is one; `null` where there is nothing to say.
 * @throws Failure `cancelled`
 */
export async function doctorRun(
  run: Run,
  preprocessing: Preprocessing,
  control: Control,
): Promise<DoctorFinding | null> {
  const before = known.get(run.trace);
  if (before !== undefined) return before;
  const found = await diagnose(run.trace, control);
  const finding = found && (await withAction(run, preprocessing, found, control));
  known.set(run.trace, finding);
  return finding;
}

async function withAction(
  run: Run,
  used: Preprocessing,
  finding: DoctorFinding,
  control: Control,
): Promise<DoctorFinding> {
  const { kind } = finding;
  if (kind === 'non-finite-values' || kind === 'non-finite-weights' || kind === 'unused') return finding;
  const better = await healthyPreprocessing(run, used, finding, control);
  if (better !== null) {
    const reason =
      used.name === 'none'
        ? l10n.t('pixels probably not scaled')
        : l10n.t('pixels probably scaled otherwise');
    const told = kind === 'batch-normalization' ? withReason(finding, reason) : finding;
    return { ...told, action: { label: l10n.t('Try {0}', better.name), preprocessing: better } };
  }
  return kind === 'batch-normalization'
    ? withReason(finding, l10n.t('its statistics do not fit this input'))
    : finding;
}

/** The preprocessing of the images with which nothing is wrong up to the layer of a finding; of several, that which fits best. */
async function healthyPreprocessing(
  run: Run,
  used: Preprocessing,
  { layer }: DoctorFinding,
  control: Control,
): Promise<Preprocessing | null> {
  if (!run.inputs.some(({ image, source }) => image !== null && takesPreprocessing(source))) return null;
  let best: { readonly preprocessing: Preprocessing; readonly misfit: number } | null = null;
  for (const { name } of PREPROCESSINGS) {
    if (name === used.name || name === 'custom') continue;
    const trace = await runUpTo(run, { name }, layer, control);
    if (trace === null) continue;
    try {
      if ((await diagnose(trace, control)) !== null) continue;
      const misfit = await misfitOf(trace);
      if (best === null || misfit < best.misfit) best = { preprocessing: { name }, misfit };
    } finally {
      trace.dispose();
    }
  }
  return best?.preprocessing ?? null;
}

/** A run with another preprocessing of its images, as far as a layer; `null` where the preprocessing does not apply. */
async function runUpTo(
  { model, inputs, trace }: Run,
  preprocessing: Preprocessing,
  layer: string,
  control: Control,
): Promise<Trace | null> {
  const { graph, runtime, weights } = trace;
  const sources = inputs.map(({ source }) => source);
  const isColour = inputs.every(({ image, shape }) => image === null || shape.includes(3));
  if (!isColour && (preprocessing.name === 'caffe' || preprocessing.name === 'torch')) return null;
  const tensors = inputTensors(runtime, graph, await loadInputs(model, sources, preprocessing, {}));
  try {
    const keep = ancestors(graph, resolveLayer(graph, layer));
    return await runForward(runtime, graph, weights, tensors, control, { keep, maxBytes: trace.maxBytes });
  } finally {
    for (const tensor of tensors) tensor.dispose();
  }
}

/** How far the first trained normalisation is from the values that it gets; 0 where there is none. */
async function misfitOf(trace: Trace): Promise<number> {
  for (const node of trace.graph.nodes.values()) {
    if (!keepsStatistics(node) || !trace.values.has(node.path)) continue;
    const fit = await statisticsFit(trace, node);
    if (fit !== null) return Math.abs(Math.log(fit.size)) + Math.abs(Math.log(Math.max(fit.spread, 1e-9)));
  }
  return 0;
}
