import { comparedLayers } from '../../compare/comparedLayers';
import { layerLine } from '../../compare/layerLines';
import type { OpenModel } from '../../session/openModels';
import { knownWeights } from './knownWeights';

/**
 * A model as lines that are equal for equal models, whatever their files are called: one for the model, one for each layer.
 * @throws Failure of damaged weights
 */
export async function modelLines({ graph, file }: OpenModel): Promise<string[]> {
  const { summary, params } = graph;
  const { weights, problem } = await knownWeights(graph, file.weights);
  const lines = [`${summary.className}  parameters ${params.total}  trainable ${params.trainable}`];
  if (problem !== null) lines.push('weights not in this file');
  for (const layer of comparedLayers(graph, weights)) lines.push(await layerLine(layer));
  return lines;
}
