import { nonMaxSuppression, type Suppression } from '../images/nonMaxSuppression';
import { gatherNd, positionsOf, scatterNd, scatterUpdate, sparseToDense } from '../manipulation/scatterNd';
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

/** What is chosen, and where it goes, is decided by positions; how many values come out often only while the model runs. */
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
  TensorScatterUpdate: opKind({ tensors: everyOperand, operation: () => scatterUpdate() }),
  SparseToDense: opKind({
    tensors: () => [0, 2, 3],
    operandNames: ['sparse_indices', 'output_shape', 'sparse_values', 'default_value'],
    operation: (args) => sparseToDense(args.sizes(1)),
    dtype: ({ operands }) => operands[2]?.dtype ?? 'float32',
  }),
  Where: opKind({ operation: () => positionsOf(), dtype: () => 'int32' }),
  NonMaxSuppression: suppression(['indices']),
  NonMaxSuppressionV2: suppression(['indices']),
  NonMaxSuppressionV3: suppression(['indices']),
  NonMaxSuppressionV4: suppression(['indices', 'count']),
  NonMaxSuppressionV5: suppression(['indices', 'scores', 'count']),
};
