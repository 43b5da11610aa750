interface Op {
  readonly op: string;
  readonly attributes: Readonly<Record<string, unknown>>;
}

/** Index of the first output of each output argument of an operation, except its first argument. */
const OUTPUT_INDICES: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  TopKV2: { indices: 1 },
  Unique: { idx: 1 },
  UniqueV2: { idx: 1 },
  NonMaxSuppressionV4: { valid_outputs: 1 },
  NonMaxSuppressionV5: { selected_scores: 1, valid_outputs: 2 },
  CombinedNonMaxSuppression: { nmsed_scores: 1, nmsed_classes: 2, valid_detections: 3 },
  MaxPoolWithArgmax: { argmax: 1 },
  FusedBatchNorm: { batch_mean: 1, batch_variance: 2 },
  FusedBatchNormV2: { batch_mean: 1, batch_variance: 2 },
  FusedBatchNormV3: { batch_mean: 1, batch_variance: 2 },
  Switch: { output_true: 1 },
  Merge: { value_index: 1 },
  TensorArrayV3: { flow: 1 },
  TensorArrayConcatV3: { lengths: 1 },
  TensorListPopBack: { tensor: 1 },
  TensorListConcatV2: { lengths: 1 },
};

/** Index of an operation's first output that belongs to `argument`; 0 for the only argument of most operations. */
export function firstOutputOf({ op, attributes }: Op, argument: string): number {
  if (op === 'ParseExample' || op === 'ParseExampleV2') return parsedOutputOf(attributes, argument);
  const indices = Object.hasOwn(OUTPUT_INDICES, op) ? OUTPUT_INDICES[op] : undefined;
  return indices && Object.hasOwn(indices, argument) ? (indices[argument] ?? 0) : 0;
}

/** Number of sparse features that an example is parsed into: each has indices, values and a shape before the dense ones. */
export const sparseCount = ({ num_sparse, Nsparse }: Readonly<Record<string, unknown>>): number =>
  Number(num_sparse ?? Nsparse ?? 0);

function parsedOutputOf(attributes: Readonly<Record<string, unknown>>, argument: string): number {
  const count = sparseCount(attributes);
  const indices: Readonly<Record<string, number>> = {
    sparse_values: count,
    sparse_shapes: 2 * count,
    dense_values: 3 * count,
  };
  return Object.hasOwn(indices, argument) ? (indices[argument] ?? 0) : 0;
}
