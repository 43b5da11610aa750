import { nonMaxSuppression, type Suppression } from '../images/nonMaxSuppression';
import {
  gatherNd,
  nonzeroIndices,
  scatterNd,
  sparseToDense,
  tensorScatterUpdate,
} from '../manipulation/scatterNd';
import { everyOperand, type OpKind, type OpTable, opKind } from './opKind';

const suppression = (outputs: Suppression['outputs']): OpKind =>
  opKind({
    tensors: everyOperand,
    operation: ({ config }) =>
      nonMaxSuppression({
        outputs,
        padded: config.bool('pad_to_max_output_size', false),
        limit: config.operands[2]?.values?.[0] ?? null,
      }),
    dtype: () => 'int32',
  });

/** Selections and updates by index; how many values result is often only known while the model runs. */
export const selectionOps: OpTable = {
  GatherNd: opKind({
    tensors: () => [0, 1],
    operandNames: ['params', 'indices'],
    operation: () => gatherNd(),
  }),
  ScatterNd: opKind({
    tensors: () => [0, 1],
    operandNames: ['indices', 'updates'],
    operation: (args) => scatterNd(args.sizes(2)),
    dtype: ({ operands }) => operands[1]?.dtype ?? 'float32',
  }),
  TensorScatterUpdate: opKind({ tensors: everyOperand, operation: () => tensorScatterUpdate() }),
  SparseToDense: opKind({
    tensors: () => [0, 2, 3],
    operandNames: ['sparse_indices', 'output_shape', 'sparse_values', 'default_value'],
    operation: (args) => sparseToDense(args.sizes(1)),
    dtype: ({ operands }) => operands[2]?.dtype ?? 'float32',
  }),
  Where: opKind({ operation: () => nonzeroIndices(), dtype: () => 'int32' }),
  NonMaxSuppression: suppression(['indices']),
  NonMaxSuppressionV2: suppression(['indices']),
  NonMaxSuppressionV3: suppression(['indices']),
  NonMaxSuppressionV4: suppression(['indices', 'count']),
  NonMaxSuppressionV5: suppression(['indices', 'scores', 'count']),
};
