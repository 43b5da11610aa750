import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { LayerConfig } from '../../../src/server/graph/layerConfig';
import type { LayerContext, Tensor } from '../../../src/server/layers/kind';
import { BACKENDS, kindOf, useBackend } from './backends';

const array = z.object({ shape: z.array(z.number()), data: z.array(z.number()) });
type Numbers = z.infer<typeof array>;
const cases = z
  .array(
    z.object({
      name: z.string(),
      className: z.string(),
      config: z.record(z.string(), z.unknown()),
      kwargs: z.record(z.string(), z.unknown()),
      inputs: z.array(array),
      masks: z.array(array.nullable()),
      weights: z.array(array.extend({ name: z.string(), trainable: z.boolean() })),
      outputs: z.array(array),
      outputMask: array.nullable(),
      cotangents: z.array(array),
      gradients: z.array(array.nullable()),
    }),
  )
  .parse(JSON.parse(readFileSync(join(import.meta.dirname, '../../fixtures/layer_calls.json'), 'utf8')));

const toTensor = ({ shape, data }: Numbers): Tensor => tf.tensor(data, shape);

/** Checks the shape, and the values to 1e-5 of the largest one (or of 1). */
function expectClose(actual: Tensor | null | undefined, expected: Numbers, what: string): void {
  expect(actual?.shape, what).toEqual(expected.shape);
  const values = [...(actual?.dataSync() ?? [])];
  const tolerance = 1e-5 * Math.max(1, ...expected.data.map(Math.abs));
  const worst = Math.max(...expected.data.map((value, i) => Math.abs(value - (values[i] ?? Number.NaN))));
  expect(worst, what).toBeLessThanOrEqual(tolerance);
}

describe.each(BACKENDS)('agrees with Keras on %s', (backend) => {
  beforeAll(() => useBackend(backend));

  test.each(cases)('$name', (entry) => {
    const before = tf.memory().numTensors;
    tf.tidy(() => {
      const kind = kindOf(entry.className);
      const config = new LayerConfig(entry.config, 'layer', 3);
      const inputs = entry.inputs.map(toTensor);
      const weights = entry.weights.map(toTensor);
      const masks = entry.masks.map((mask) => (mask ? tf.cast(toTensor(mask), 'bool') : undefined));
      const call = { args: [], kwargs: entry.kwargs };
      const ctx: LayerContext = { tf, backend, config, call, weights, masks };

      const shapes = entry.inputs.map(({ shape: [, ...rest] }) => [null, ...rest]);
      const specs = kind.weights?.(config, shapes) ?? [];
      expect(specs.map(({ name, shape, trainable }) => ({ name, shape, trainable }))).toEqual(
        entry.weights.map(({ name, shape, trainable }) => ({ name, shape, trainable })),
      );
      expect(kind.outputShapes(config, shapes)).toEqual(
        entry.outputs.map(({ shape: [, ...rest] }) => [null, ...rest]),
      );

      const pre = kind.forward(ctx, inputs);
      const activation = kind.activation?.(config, weights) ?? null;
      const outputs = pre.map((value, i) => (i === 0 && activation ? activation.forward(tf, value) : value));
      for (const [i, expected] of entry.outputs.entries()) expectClose(outputs[i], expected, `output ${i}`);

      const mask = kind.mask ? kind.mask(ctx, inputs) : masks[0];
      expect(mask === undefined, 'has a mask').toBe(entry.outputMask === null);
      if (entry.outputMask) expectClose(mask, entry.outputMask, 'mask');

      const gradients = entry.cotangents.map(toTensor).map((gradient, i) => {
        const [z0, y0] = [pre[0], outputs[0]];
        return i === 0 && activation && z0 && y0 ? activation.backward(tf, z0, y0, gradient) : gradient;
      });
      const toInputs = kind.backward?.(ctx, { inputs, outputs: pre, gradients }) ?? [];
      for (const [i, expected] of entry.gradients.entries()) {
        if (expected) expectClose(toInputs[i], expected, `gradient to input ${i}`);
        else expect(toInputs[i] ?? null).toBeNull();
      }
    });
    expect(tf.memory().numTensors).toBe(before);
  });
});
