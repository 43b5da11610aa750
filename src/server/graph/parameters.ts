import type { LayerRow, ParameterCount } from '../../shared/model';
import type { Graph, LayerEntry } from './graph';
import type { WeightSpec } from './layerRule';

/** The columns of a layer row that count its parameters. */
export type LayerParameters = Pick<
  LayerRow,
  'params' | 'trainableParams' | 'undeterminedParams' | 'paramsAreLowerBound'
>;

/** The columns for weights that are all known. */
export const parameterColumns = (
  weights: readonly WeightSpec[],
): Pick<LayerRow, 'params' | 'trainableParams'> => ({
  params: sizeOf(weights),
  trainableParams: sizeOf(weights.filter(({ trainable }) => trainable)),
});

const sizeOf = (weights: readonly WeightSpec[]): number =>
  weights.reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0);

/** The parameters of a layer or model. */
interface Count {
  readonly total: number;
  readonly trainable: number;
  /** Part of the total: counted in the file, which does not record whether they are trainable. */
  readonly undetermined: number;
  /** Whether there may be more. */
  readonly isLowerBound: boolean;
}

const NONE: Count = { total: 0, trainable: 0, undetermined: 0, isLowerBound: false };

/** The number of values that a file contains for each layer whose weights the graph does not know, by path of the layer. */
export type CountsInFile = ReadonlyMap<string, number>;

/** The parameters of a list of layers, and of each layer in it by its path. */
export class Parameters {
  private readonly counts = new Map<string, Count>();
  private readonly whole: Count;

  /** @param inFile when left out, weights that the graph does not know are not counted, and totals are lower bounds. */
  constructor(
    layers: readonly LayerEntry[],
    private readonly inFile: CountsInFile = new Map(),
  ) {
    this.whole = this.sum(layers);
  }

  get total(): ParameterCount {
    const { total, trainable, undetermined, isLowerBound } = this.whole;
    return {
      total,
      trainable,
      nonTrainable: total - trainable - undetermined,
      ...(undetermined > 0 && { undetermined }),
      ...(isLowerBound && { isLowerBound: true }),
    };
  }

  ofLayer(path: string): LayerParameters {
    const { total, trainable, undetermined, isLowerBound } = this.counts.get(path) ?? NONE;
    return {
      params: total,
      trainableParams: trainable,
      ...(undetermined > 0 && { undeterminedParams: undetermined }),
      ...(isLowerBound && { paramsAreLowerBound: true }),
    };
  }

  private sum(layers: readonly LayerEntry[]): Count {
    return layers.reduce((sum, layer) => {
      const count = layer.layers === null ? this.own(layer) : this.sum(layer.layers);
      this.counts.set(layer.path, count);
      return {
        total: sum.total + count.total,
        trainable: sum.trainable + count.trainable,
        undetermined: sum.undetermined + count.undetermined,
        isLowerBound: sum.isLowerBound || count.isLowerBound,
      };
    }, NONE);
  }

  private own({ path, weights, weightsUnknown, trainable }: LayerEntry): Count {
    if (weightsUnknown) {
      const total = this.inFile.get(path);
      if (total === undefined) return { ...NONE, isLowerBound: true };
      return { total, trainable: 0, undetermined: trainable ? total : 0, isLowerBound: false };
    }
    const { params, trainableParams } = parameterColumns(weights.filter(({ counted }) => counted !== false));
    return { ...NONE, total: params, trainable: trainable ? trainableParams : 0 };
  }
}

/** Whether every layer's weights are known without reading the file. */
export const knowsAllWeights = (layers: readonly LayerEntry[]): boolean =>
  layers.every((layer) => (layer.layers === null ? !layer.weightsUnknown : knowsAllWeights(layer.layers)));

/** The graph with its parameters recounted, those that it does not know as the file has them. */
export function withFileCounts(graph: Graph, inFile: CountsInFile): Graph {
  const parameters = new Parameters(graph.layers, inFile);
  const layers = graph.summary.layers.map((row) => {
    const layer = graph.nodes.get(row.path) ?? graph.models.get(row.path);
    return layer ? { ...withoutCounts(row), ...parameters.ofLayer(layer.layerPath) } : row;
  });
  const params = parameters.total;
  return { ...graph, params, summary: { ...graph.summary, params, layers } };
}

function withoutCounts({
  undeterminedParams: _undetermined,
  paramsAreLowerBound: _bound,
  ...row
}: LayerRow): LayerRow {
  return row;
}
