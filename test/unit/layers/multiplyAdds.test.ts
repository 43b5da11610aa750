import { join } from 'node:path';

import { expect, test } from 'vitest';
import { openModelFile } from '../../../src/server/formats/open';
import { buildGraph } from '../../../src/server/graph/keras/build';
import { findKind } from '../../../src/server/kinds/registry';
import type { Shape } from '../../../src/shared/model';
import { layerCases } from '../../conformance/cases/layerCaseIndex';
import { configOf } from './backends';

const count = (className: string, values: Record<string, unknown>, inputs: Shape[], outputs: Shape[]) =>
  findKind(className)?.multiplyAdds?.(configOf(values), inputs, outputs);

test('convolutions: grouped, depthwise, separable and transposed', () => {
  const base = { kernel_size: [3, 5], filters: 8 };
  const input: Shape = [1, 10, 12, 4];
  const output: Shape = [1, 8, 8, 8];
  expect(count('Conv2D', base, [input], [output])).toBe(8 * 8 * 8 * 15 * 4);
  expect(count('Conv2D', { ...base, groups: 2 }, [input], [output])).toBe(8 * 8 * 8 * 15 * 2);
  expect(count('DepthwiseConv2D', { ...base, depth_multiplier: 2 }, [input], [output])).toBe(8 * 8 * 8 * 15);
  expect(count('SeparableConv2D', { ...base, depth_multiplier: 2 }, [input], [output])).toBe(
    8 * 8 * (8 * 15 + 8 * 8),
  );
  expect(count('Conv2DTranspose', base, [input], [[1, 12, 16, 8]])).toBe(10 * 12 * 4 * 15 * 8);
  const first: Shape = [1, 4, 10, 12];
  const channelsFirst = { ...base, data_format: 'channels_first' };
  expect(count('Conv2D', channelsFirst, [first], [[1, 8, 8, 8]])).toBe(8 * 8 * 8 * 15 * 4);
});

test('an unknown length makes the count unknown', () => {
  expect(count('LSTM', { units: 2 }, [[1, null, 3]], [[1, 2]])).toBeNull();
  expect(count('Dense', { units: 2 }, [[1, null, 3]], [[1, null, 2]])).toBeNull();
  expect(count('Dense', { units: 2 }, [[1, 4, 3]], [[1, 4, 2]])).toBe(24);
});

/** Layers with a kernel for each position, or with one position only. */
const KERNELS_USED_ONCE = [
  'Highway',
  'LocallyConnected1D',
  'LocallyConnected2D',
  'MaxoutDense',
  'RandomFourierFeatures',
];

test('every layer that uses a kernel more than once counts its multiply-adds', async () => {
  const uncounted = new Set<string>();
  for (const { family, model } of layerCases()) {
    const file = await openModelFile(join(__dirname, '../../fixtures/layers', family, model));
    const { topology, format, kerasVersion, path } = file;
    const graph = buildGraph({ topology, format, kerasVersion, path }, findKind);
    file.close();
    const specs = new Map(graph.layers.map((layer) => [layer.path, layer.weights]));
    for (const node of graph.nodes.values()) {
      const hasKernel = specs.get(node.layerPath)?.some(({ name }) => /kernel$|^W(_|$)/.test(name));
      if (hasKernel && findKind(node.className)?.multiplyAdds === undefined) uncounted.add(node.className);
    }
  }
  expect([...uncounted].sort()).toEqual(KERNELS_USED_ONCE);
});
