import { expect, it } from 'vitest';
import { layerTooltip, unknownSentence } from '../../../src/extension/views/layerTooltip';
import type { LayerRow } from '../../../src/shared/model';

const known: LayerRow = {
  ...{ path: 'dense', name: 'dense', className: 'Dense', parent: null, isModel: false, calls: 1 },
  ...{ outputShapes: [[null, 2]], inbound: [], inboundOutputs: [], params: 6, trainableParams: 6 },
  ...{ multiplyAdds: 4, activationBytes: 8, activation: null, status: 'known', dtype: 'float32' },
};
const unknown: LayerRow = {
  ...{ ...known, path: 'sharpen', name: 'sharpen', className: 'Sharpen', status: 'unknown' },
  ...{ outputShapes: [null], params: 0, paramsAreLowerBound: true, multiplyAdds: null },
  ...{ activationBytes: null, unknownBecause: 'sharpen' },
};
const text = (row: LayerRow) => layerTooltip(row, [row], undefined).value.replaceAll('\\', '');

it('states shapes and costs', () => {
  expect(text(known)).toContain('Output: (None, 2)');
  expect(text(known)).toContain('Multiply-adds: 4');
  expect(text(known)).toContain('Activation memory: 8 B for one example');
});

it('of an unknown layer gives the reason once, and no line about what is unknown', () => {
  const notice = 'Layerglass does not know the layer class "Sharpen"; it never runs code from the file.';
  const tooltip = text({ ...unknown, notice });
  expect(tooltip.match(/does not know/g)).toHaveLength(1);
  expect(tooltip).toContain(`$(warning) ${notice}`);
  expect(tooltip).not.toMatch(/Output|\(unknown\)|Multiply-adds|Activation memory|because of sharpen/);
});

it('gives a reason where the row has no notice', () => {
  expect(unknownSentence(unknown)).toMatch(/does not know the class Sharpen/);
  expect(unknownSentence({ ...known, unknownBecause: 'sharpen' })).toMatch(/unknown because of sharpen/);
  expect(unknownSentence(known)).toBe('');
});
