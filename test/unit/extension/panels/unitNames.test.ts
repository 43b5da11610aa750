import { describe, expect, test } from 'vitest';
import { unitNames } from '../../../../src/extension/panels/unitNames';
import type { LayerRow } from '../../../../src/shared/model';

const row = (path: string, className: string, ...inbound: string[]): LayerRow => ({
  ...{ path, name: path, className, inbound, inboundOutputs: inbound.map(() => 0) },
  ...{ outputShapes: [], params: 0, trainableParams: 0, multiplyAdds: null, activationBytes: null },
  ...{ activation: null, parent: null, isModel: false, dtype: 'float32', status: 'known', calls: 1 },
});
const layers = [
  row('hidden', 'Dense'),
  row('logits', 'Dense', 'hidden'),
  row('softmax', 'Activation', 'logits'),
];
const vector = (layer: string, units: number) => ({ layer, units, sizes: [] });

describe('the class names of the units of a layer', () => {
  test('are those of an output, and of what only activations follow', () => {
    expect(unitNames({ layers }, vector('softmax', 2), ['cat', 'dog'])).toEqual(['cat', 'dog']);
    expect(unitNames({ layers }, vector('logits', 2), ['cat', 'dog'])).toEqual(['cat', 'dog']);
  });
  test('of a single sigmoid the second of two', () => {
    expect(unitNames({ layers }, vector('softmax', 1), ['cat', 'dog'])).toEqual(['dog']);
  });
  test('no other layer has any, even with as many units', () => {
    expect(unitNames({ layers }, vector('hidden', 2), ['cat', 'dog'])).toEqual([]);
    expect(unitNames({ layers }, vector('softmax', 3), ['cat', 'dog'])).toEqual([]);
    expect(unitNames({ layers }, { ...vector('softmax', 2), sizes: [4] }, ['cat', 'dog'])).toEqual([]);
  });
});
