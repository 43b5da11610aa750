import { basename } from 'node:path';
import type { LayerRow, ModelSummary } from '../../../shared/model';
import type { ModelFile } from '../../formats/modelFile';
import type { Graph } from '../../graph/graph';
import { storedWeights } from './storedWeights';

const EMPTY: Pick<Graph, 'nodes' | 'models' | 'inputs' | 'outputs' | 'layers'> = {
  nodes: new Map(),
  models: new Map(),
  inputs: [],
  outputs: [],
  layers: [],
};

/** The class of a row of a layer that the file does not describe. */
const LAYER = 'Layer';

/**
 * The graph of a file that does not describe its layers: nothing can be computed. Its rows are the layers that the names in the file
 * tell, and below each its arrays: class is the type of the values, the shape is that of the array.
 * @throws Failure `bad-weights`, `truncated`, ... where the file cannot be listed.
 */
export async function weightsOnlyGraph(file: ModelFile): Promise<Graph> {
  const { weightsOnly, weights: store, path } = file;
  const params = { total: 0, trainable: 0, nonTrainable: 0, isLowerBound: true } as const;
  const summary: ModelSummary = {
    format: file.format,
    name: basename(path),
    className: 'Weights',
    kerasVersion: file.kerasVersion,
    inputs: [],
    outputs: [],
    params,
    multiplyAdds: null,
    activationBytes: null,
    layers: [],
    foreignCode: [],
    notices: weightsOnly === undefined ? [] : [weightsOnly.why, weightsOnly.remedy],
    ...(weightsOnly && { weightsOnly }),
  };
  const empty: Graph = { ...EMPTY, params, summary };
  const weights = await storedWeights(empty, store);
  const layers = new Map<string, LayerRow[]>();
  const classes = new Map<string, string>();
  for (const { layer, name, shape, dtype, className } of weights) {
    const rows = layers.get(layer) ?? [];
    const params = shape.reduce((product, size) => product * size, 1);
    rows.push({
      ...emptyRow(`${layer}/${name}`, dtype),
      ...{ name, outputShapes: [shape], parent: layer, ...counted(params) },
    });
    layers.set(layer, rows);
    classes.set(layer, className ?? LAYER);
  }
  const rows = [...layers].flatMap(([path, arrays]) => [
    {
      ...emptyRow(path, classes.get(path) ?? LAYER),
      ...{ name: path, outputShapes: [], isModel: true },
      ...counted(arrays.reduce((sum, { params }) => sum + params, 0)),
    },
    ...arrays,
  ]);
  const total = rows.reduce((sum, row) => sum + (row.isModel ? row.params : 0), 0);
  const all = { total, trainable: 0, nonTrainable: 0, ...(total > 0 && { undetermined: total }) };
  return { ...empty, params: all, summary: { ...summary, params: all, layers: rows } };
}

const counted = (params: number): Pick<LayerRow, 'params' | 'trainableParams' | 'undeterminedParams'> => ({
  params,
  trainableParams: 0,
  ...(params > 0 && { undeterminedParams: params }),
});

const emptyRow = (path: string, className: string): LayerRow => ({
  ...{ path, name: path, className, outputShapes: [], params: 0, trainableParams: 0 },
  ...{ multiplyAdds: null, activationBytes: null, inbound: [], inboundOutputs: [], activation: null },
  ...{ parent: null, isModel: false, dtype: 'float32', status: 'known', calls: 1 },
});
