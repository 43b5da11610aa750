import { describe, expect, it } from 'vitest';
import {
  parseExplainChoice,
  parseInputSources,
  parseLayerChoice,
  parseSettings,
} from '../../../src/extension/settings/savedState';

const choice = {
  modelPath: '/models/cat.keras',
  inputs: [{ kind: 'file', path: '/models/cat.png' }],
  preprocessing: { name: '0..1' },
  method: 'grad-cam',
  layer: 'auto',
  target: { index: 0, negative: true },
  colourMap: 'turbo',
  opacity: 0.5,
};

describe('state from storage', () => {
  it('is restored as saved', () => {
    expect(parseExplainChoice(JSON.parse(JSON.stringify(choice)))).toEqual(choice);
    const { modelPath, inputs, preprocessing } = choice;
    const layer = { modelPath, inputs, preprocessing, layer: 'conv1' };
    expect(parseLayerChoice(layer)).toEqual(layer);
    const settings = { labels: ['cat', 'dog'], lastInputs: [{ kind: 'random', seed: 1 }] };
    expect(parseSettings(settings)).toEqual(settings);
  });

  it.each([
    ['nothing', undefined],
    ['another version', { ...choice, method: 'method-of-the-future' }],
    ['an opacity out of range', { ...choice, opacity: 7 }],
    ['a colour map that is gone', { ...choice, colourMap: 'rainbow' }],
    ['a source of no known kind', { ...choice, inputs: [{ kind: 'url', path: 'x' }] }],
  ])('refuses %s', (_, state) => {
    expect(parseExplainChoice(state)).toBeUndefined();
  });

  it('is empty for invalid settings and sources', () => {
    expect(parseSettings('rubbish')).toEqual({});
    expect(parseInputSources([{ kind: 'file' }])).toEqual([]);
  });
});
