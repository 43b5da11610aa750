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

test('a convolution with groups, a depthwise, a separable and a transposed one', () => {
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

test('an unknown length leaves the count unknown, an unknown batch does not reach the rules', () => {
  expect(count('LSTM', { units: 2 }, [[1, null, 3]], [[1, 2]])).toBeNull();
  expect(count('Dense', { units: 2 }, [[1, null, 3]], [[1, null, 2]])).toBeNull();
  expect(count('Dense', { units: 2 }, [[1, 4, 3]], [[1, 4, 2]])).toBe(24);
});

/** Those with a kernel for each position, or one position. */
const KERNELS_USED_ONCE = [
  'Highway',
  'LocallyConnected1D',
  'LocallyConnected2D',
  'MaxoutDense',
  'RandomFourierFeatures',
];

test('every layer whose kernels are used more than once says how often it multiplies', async () => {
  const silent = new Set<string>();
  for (const { family, model } of layerCases()) {
    const file = await openModelFile(join(__dirname, '../../fixtures/layers', family, model));
    const { topology, format, kerasVersion, path } = file;
    const graph = buildGraph({ topology, format, kerasVersion, path }, findKind);
    file.close();
    const specs = new Map(graph.layers.map((layer) => [layer.path, layer.weights]));
    for (const node of graph.nodes.values()) {
      const hasKernel = specs.get(node.layerPath)?.some(({ name }) => /kernel$|^W(_|$)/.test(name));
      if (hasKernel && findKind(node.className)?.multiplyAdds === undefined) silent.add(node.className);
    }
  }
  expect([...silent].sort()).toEqual(KERNELS_USED_ONCE);
});
