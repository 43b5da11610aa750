import { basename } from 'node:path';
import * as l10n from '@vscode/l10n';
import { Failure, fail, toError } from '../../shared/errors';
import { architecturesBeside } from '../formats/companions';
import type { ModelFile, WeightIndex } from '../formats/modelFile';
import { openModelFile } from '../formats/open';
import type { Graph } from '../graph/graph';
import { misfitOf } from '../run/weights/weightFit';
import { weightsOnlyGraph } from '../run/weights/weightsOnlyGraph';
import { resolveGraph } from './modelGraph';

/** A file and its graph. */
interface Resolved {
  readonly file: ModelFile;
  readonly graph: Graph;
}

/** A file of weights, as the model whose weights they are where that is known. */
export interface WithArchitecture extends Resolved {
  /** The file that describes the layers; `null` for weights alone. */
  readonly architecture: string | null;
  /** The models beside the file that its weights fit, where there are several different ones: the user has to choose. */
  readonly choices: readonly string[];
}

/**
 * Opens a file of weights as the model beside it that they fit: by layer, name and shape, with none left over. Without one, or
 * with several different ones, it stays a list of arrays, and a notice says why.
 * @param chosen the file that describes the layers, if the user chose it; it must fit
 * @throws Failure `bad-weights` that names the first layer that does not fit the chosen model, and those of opening it.
 */
export async function withArchitecture(
  weights: ModelFile,
  chosen: string | undefined,
): Promise<WithArchitecture> {
  const index = await weights.weights.index();
  if (chosen !== undefined) return { ...(await chosenModel(weights, index, chosen)), choices: [] };
  const fitting: Candidate[] = [];
  const misfits: string[] = [];
  for (const path of architecturesBeside(weights.path)) {
    const found = await candidate(path, weights, index);
    if (found === null) continue;
    if (found.misfit !== null) misfits.push(found.misfit);
    if (found.fits === null) continue;
    // Of models with the same layers, such as the other checkpoints of a training, the first stands for all.
    if (fitting.every(({ key }) => key !== found.fits.key)) fitting.push(found.fits);
    else found.fits.file.close();
  }
  const [only, another] = fitting;
  if (only !== undefined && another === undefined) return { ...joined(weights, only), choices: [] };
  for (const { file } of fitting) file.close();
  const choices = fitting.map(({ path }) => path);
  const notice =
    choices.length > 0 ? severalNotice(weights.path, choices) : misfitNotice(weights.path, misfits);
  const file = notice === null ? weights : { ...weights, notices: [...(weights.notices ?? []), notice] };
  return { file, graph: await weightsOnlyGraph(file), architecture: null, choices };
}

/** One model beside the weights is probably meant; of many, it matters only that none is theirs. */
function misfitNotice(path: string, misfits: readonly string[]): string | null {
  const [only = null] = misfits;
  return misfits.length > 1
    ? l10n.t('None of the {0} models beside {1} has these weights.', misfits.length, basename(path))
    : only;
}

const severalNotice = (path: string, choices: readonly string[]): string =>
  l10n.t(
    'The weights in {0} fit several models beside it: {1}. Open one of them with these weights (on the command line: --weights).',
    basename(path),
    choices.map((one) => basename(one)).join(', '),
  );

interface Candidate extends Resolved {
  readonly path: string;
  /** Equal for equal layers. */
  readonly key: string;
}

/** A model whose weights those of a file may be, or why they are not. */
type Tried =
  | { readonly fits: Candidate; readonly misfit: null }
  | { readonly fits: null; readonly misfit: string };

/** `null` for a file that is not a model. */
async function candidate(path: string, weights: ModelFile, index: WeightIndex): Promise<Tried | null> {
  let opened: ModelFile;
  try {
    opened = await openModelFile(path);
  } catch {
    return null;
  }
  let misfit: string | null = null;
  try {
    if (opened.format === 'weights') {
      opened.close();
      return null;
    }
    misfit = opened.weightsOnly?.why ?? null;
    if (misfit === null) {
      const { file, graph } = await resolveGraph(opened);
      misfit = misfitOf(graph, index, { topology: basename(path), weights: basename(weights.path) });
      if (misfit === null) return { fits: { path, file, graph, key: layersKey(graph) }, misfit };
    }
  } catch (thrown) {
    misfit = toError(thrown).message;
  }
  opened.close();
  return { fits: null, misfit };
}

const layersKey = ({ nodes, outputs }: Graph): string =>
  JSON.stringify([
    [...nodes.values()].map(({ path, className, inputs, config }) => [
      path,
      className,
      inputs,
      config.values,
    ]),
    outputs,
  ]);

async function chosenModel(
  weights: ModelFile,
  index: WeightIndex,
  path: string,
): Promise<Resolved & { readonly architecture: string }> {
  const opened = await openModelFile(path);
  try {
    const { weightsOnly } = opened;
    if (weightsOnly) fail('weights-only', weightsOnly.why, { remedy: weightsOnly.remedy, subject: path });
    const { file, graph } = await resolveGraph(opened);
    const beside = { topology: basename(path), weights: basename(weights.path) };
    const misfit = misfitOf(graph, index, beside);
    if (misfit !== null) {
      fail('bad-weights', misfit, {
        remedy: l10n.t(
          'Choose the weights of {0}, or the model that {1} was saved from.',
          beside.topology,
          beside.weights,
        ),
        subject: weights.path,
      });
    }
    return joined(weights, { file, graph, path });
  } catch (thrown) {
    opened.close();
    throw thrown instanceof Failure ? thrown : new Failure(toError(thrown));
  }
}

/** The layers of one file with the weights of another. */
function joined(
  weights: ModelFile,
  { file, graph, path }: Resolved & { readonly path: string },
): Resolved & { readonly architecture: string } {
  const names = { topology: basename(path), weights: basename(weights.path) };
  const { asset } = file.weights;
  const notice = l10n.t(
    'The layers are those of {0}, with the weights of {1}.',
    names.topology,
    names.weights,
  );
  return {
    architecture: path,
    graph,
    file: {
      ...file,
      path: weights.path,
      notices: [notice],
      companionFiles: [path, ...(file.companionFiles ?? []), ...(weights.companionFiles ?? [])].filter(
        (one) => one !== weights.path,
      ),
      weights: { ...weights.weights, beside: names, ...(asset && { asset }) },
      close() {
        file.close();
        weights.close();
      },
    },
  };
}
