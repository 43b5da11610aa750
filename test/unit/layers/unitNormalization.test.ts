import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, test } from 'vitest';
import { findKind } from '../../../src/server/kinds/registry';
import { BACKENDS, contextOf, useBackend, valuesOf } from './backends';

describe.each(BACKENDS)('UnitNormalization on %s', (backend) => {
  test('keeps a zero vector at zero with a finite gradient, and normalizes another one', async () => {
    await useBackend(backend);
    const ctx = contextOf({ axis: -1 });
    const inputs = [tf.tensor2d([0, 0, 3, 4], [2, 2])];
    const outputs = findKind('UnitNormalization')?.forward(ctx, inputs) ?? [];
    const gradients = [tf.tensor2d([1, 0, 1, 0], [2, 2])];
    const [back] = findKind('UnitNormalization')?.backward(ctx, { inputs, outputs, gradients }) ?? [];
    const close = (values: number[]) => values.map((value) => expect.closeTo(value, 5));
    expect(outputs.map(valuesOf)).toEqual([close([0, 0, 0.6, 0.8])]);
    const [first, ...others] = back ? valuesOf(back) : [];
    expect((first ?? 0) / 1e12).toBeCloseTo(1, 5);
    expect(others).toEqual(close([0, 0.128, -0.096]));
  });
});
