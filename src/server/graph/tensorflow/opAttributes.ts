import type { OpNode } from './graphDef';

/** Sets TensorFlow's operations apart from Keras's classes: its `Softmax` is another than Keras's. */
export const OP_PREFIX = 'tf.';

export const PLACEHOLDER = 'Placeholder';

const DATA_FORMATS: ReadonlyMap<unknown, string> = new Map([
  ['NCHW', 'channels_first'],
  ['NHWC', 'channels_last'],
  ['NCDHW', 'channels_first'],
  ['NDHWC', 'channels_last'],
]);

/** The attributes of an operation, with Keras's names for those that other modules read from layers too. */
export function attributesOf({ op, attributes }: Pick<OpNode, 'op' | 'attributes'>): Record<string, unknown> {
  const format = DATA_FORMATS.get(attributes.data_format);
  return {
    ...attributes,
    ...(format === undefined ? {} : { data_format: format }),
    ...(op === PLACEHOLDER ? { batch_shape: attributes.shape } : {}),
  };
}
