import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { findKind } from '../../../src/server/kinds/registry';
import { inputQuantizer, quantizationOf, unpacked } from '../../../src/server/layers/core/quantization';
import { BACKENDS, configOf, useBackend, valuesOf } from './backends';

const policy = (mode: string) => ({
  class_name: 'QuantizedDTypePolicy',
  config: { mode, source_name: 'float32' },
});

test.each([
  [policy('int8'), { mode: 'int8', isPacked: false, group: null }],
  ['int8_from_mixed_bfloat16', { mode: 'int8', isPacked: false, group: null }],
  [policy('int4'), { mode: 'int4', isPacked: true, group: null }],
  [policy('int4/-1'), { mode: 'int4', isPacked: true, group: null }],
  [policy('int4/128'), { mode: 'int4', isPacked: true, group: 128 }],
  [policy('gptq/4/-1'), { mode: 'gptq', isPacked: true, group: null }],
  [policy('gptq/2/64'), { mode: 'gptq', isPacked: false, group: 64 }],
  ['float32', null],
  ['mixed_float16', null],
  ['bfloat16', null],
  [undefined, null],
])('reads the policy %j', (dtype, quantization) => {
  expect(quantizationOf(configOf({ dtype }))).toEqual(quantization);
});

describe('unsupported quantization is refused', () => {
  test.each(['float8', 'nf4/64'])('mode %s', (mode) => {
    expect(() => quantizationOf(configOf({ dtype: policy(mode) }))).toThrow(
      'which Layerglass does not compute',
    );
  });
  test('a custom quantizer', () => {
    const config = { activation_quantizer: { class_name: 'Custom', config: {} } };
    expect(() => inputQuantizer(configOf({ quantization_config: { config } }), true)).toThrow(
      'AbsMaxQuantizer',
    );
  });
  test.each([0, -1, 1e9])('LoRA of rank %d', (rank) => {
    const config = configOf({ units: 3, lora_rank: rank });
    expect(() => findKind('Dense')?.weights?.(config, [[null, 4]])).toThrow('argument "lora_rank"');
  });
  test('an Embedding in a mode that exists for kernels only', () => {
    const config = configOf({ input_dim: 3, output_dim: 2, dtype: policy('gptq/4/4') });
    expect(() => findKind('Embedding')?.outputShapes(config, [[null, 4]])).toThrow('int8 or int4');
  });
});

describe.each(BACKENDS)('on %s', (backend) => {
  beforeAll(() => useBackend(backend));

  test('bytes contain two numbers, the lower half first', () => {
    // 45 = 0x2d, -121 = 0x87: the example of `keras.quantizers.unpack_int4`.
    const bytes = tf.tensor([45, -121, 1, 0], [2, 2], 'float32');
    expect(valuesOf(unpacked(tf, bytes, 0, 3, true))).toEqual([-3, 7, 2, -8, 1, 0]);
    expect(valuesOf(unpacked(tf, tf.tensor([45, 255], [1, 2], 'float32'), 1, 4, false))).toEqual([
      13, 2, 15, 15,
    ]);
  });
});
