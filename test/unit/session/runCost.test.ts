import { copyFileSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { checkCost, costOf } from '../../../src/server/session/runCost';
import { Session } from '../../../src/server/session/session';
import { failureOf, graphOf, inputLayer } from '../graph/configs';

const GIB = 2 ** 30;

/** A model of one layer on one input. */
const modelOf = (className: string, config: Record<string, unknown>, shape: readonly (number | null)[]) =>
  graphOf({
    class_name: 'Functional',
    config: {
      name: 'model',
      layers: [
        inputLayer('x', shape),
        {
          class_name: className,
          name: 'layer',
          config: { name: 'layer', ...config },
          inbound_nodes: [[['x', 0, 0, {}]]],
        },
      ],
      input_layers: [['x', 0, 0]],
      output_layers: [['layer', 0, 0]],
    },
  });

const GRU = { class_name: 'GRU', config: { name: 'gru', units: 4, reset_after: true } };

describe('memory and time besides values', () => {
  test.each([
    ['GRU', GRU.config],
    ['Bidirectional', { layer: GRU }],
  ])('%s of ten million steps', (className, config) => {
    const cost = costOf(modelOf(className, config, [null, 1e7, 3]), [[1, 1e7, 3]]);
    expect(cost).toMatchObject({ slowest: 'layer', largest: 'layer' });
    expect(cost.bytes).toBeGreaterThan(50 * GIB);
    expect(failureOf(() => checkCost('model.h5', cost, 'wasm', GIB))).toMatchObject({
      kind: 'too-costly',
      subject: 'layer',
    });
  });

  test('GRU of a usual length is run', () => {
    const cost = costOf(modelOf('GRU', GRU.config, [null, 1803, 4]), [[1, 1803, 4]]);
    checkCost('model.h5', cost, 'wasm', GIB / 8);
  });

  test('zeros around the input of a dilated convolution', () => {
    const config = { filters: 1, kernel_size: [3, 3], padding: 'same', dilation_rate: [100_000, 100_000] };
    const cost = costOf(modelOf('Conv2D', config, [null, 8, 8, 1]), [[1, 8, 8, 1]]);
    expect(cost.bytes).toBeGreaterThan(2e5 ** 2 * 4);
    expect(cost.largest).toBe('layer');
  });

  test('zeros around the input of a dilated convolution in a graph', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'layerglass-cost-'));
    const fixtures = join(__dirname, '../../fixtures/graph_models');
    const name = 'op-depthwise-same';
    const text = readFileSync(join(fixtures, `${name}.json`), 'utf8');
    writeFileSync(
      join(folder, 'model.json'),
      text.replace(
        /("dilations":\s*{"list":\s*{"i":\s*)\["1",\s*"1",\s*"1",\s*"1"\]/,
        '$1["1","1","1000000000","1"]',
      ),
    );
    copyFileSync(join(fixtures, `${name}.bin`), join(folder, `${name}.bin`));
    const session = new Session({ backend: 'cpu', nativePath: '', strict: true });
    const { graph } = await session.open(join(folder, 'model.json'));
    const cost = costOf(graph, [[2, 6, 5, 3]]);
    expect(cost.bytes).toBeGreaterThan(2 * 6 * 2e9 * 3 * 4);
    expect(cost.largest).toBe('depthwise');
  });

  test('the indices of a large diagonal matrix', () => {
    const { bytes } = costOf(modelOf('ops.Diagflat', { k: -1 }, [null, 2000]), [[3, 2000]]);
    // The matrix itself, and three times as many indices.
    expect(bytes).toBeGreaterThanOrEqual(4 * 4 * 6001 ** 2);
  });

  test('a convolution without zeros needs little', () => {
    const config = { filters: 1, kernel_size: [3, 3], padding: 'valid' };
    const { bytes } = costOf(modelOf('Conv2D', config, [null, 8, 8, 1]), [[1, 8, 8, 1]]);
    expect(bytes).toBeLessThan(4 * (64 + 36 + 64) + 1);
  });
});
