interface Op {
  readonly op: string;
  readonly attributes: Readonly<Record<string, unknown>>;
}

/** Where the output arguments of an operation begin that are not its first one. */
const PLACES: Readonly<Record<string, Readonly<Record<string, number>>>> = {
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

/** The place of an operation's first output that belongs to `argument`; 0 for the only argument of most of them. */
export function firstOutputOf({ op, attributes }: Op, argument: string): number {
  if (op === 'ParseExample' || op === 'ParseExampleV2') return parsedPlace(attributes, argument);
  const places = Object.hasOwn(PLACES, op) ? PLACES[op] : undefined;
  return places && Object.hasOwn(places, argument) ? (places[argument] ?? 0) : 0;
}

/** How many sparse features an example is parsed into: each gives indices, values and a shape before the dense ones. */
export const sparseCount = ({ num_sparse, Nsparse }: Readonly<Record<string, unknown>>): number =>
  Number(num_sparse ?? Nsparse ?? 0);

function parsedPlace(attributes: Readonly<Record<string, unknown>>, argument: string): number {
  const count = sparseCount(attributes);
  const places: Readonly<Record<string, number>> = {
    sparse_values: count,
    sparse_shapes: 2 * count,
    dense_values: 3 * count,
  };
  return Object.hasOwn(places, argument) ? (places[argument] ?? 0) : 0;
}
