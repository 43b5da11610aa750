import { describe, expect, it } from 'vitest';
import { findRows, hoverMarkdown } from '../../../src/server/language/layerHover';
import type { LayerRow, ModelSummary } from '../../../src/shared/model';

function row(path: string, more: Partial<LayerRow> = {}): LayerRow {
  const name = path.split('/').at(-1)?.replace(/@\d+$/, '') ?? path;
  return {
    path,
    name,
    className: 'Conv2D',
    outputShapes: [[null, 14, 14, 512]],
    params: 2_359_808,
    trainableParams: 2_359_808,
    multiplyAdds: 462_422_016,
    activationBytes: 401_408,
    inbound: [],
    inboundOutputs: [],
    activation: 'relu',
    parent: null,
    isModel: false,
    dtype: 'float32',
    status: 'known',
    calls: 1,
    ...more,
  };
}

function model(...layers: LayerRow[]): ModelSummary {
  return {
    format: 'keras',
    name: 'cat',
    className: 'Functional',
    kerasVersion: '3.15.1',
    inputs: [{ name: 'picture', shape: [null, 224, 224, 3], dtype: 'float32' }],
    outputs: [],
    params: { total: 0, trainable: 0, nonTrainable: 0 },
    multiplyAdds: 0,
    activationBytes: 0,
    layers,
    foreignCode: [],
    notices: [],
  };
}

const hover = (summary: ModelSummary, name: string): string =>
  hoverMarkdown(findRows(summary, name), summary, 'cat.keras');

describe('which rows a name means', () => {
  const summary = model(
    row('embed'),
    row('embed@2'),
    row('embed/conv1'),
    row('embed@2/conv1'),
    row('tail/conv1'),
    row('conv2'),
    row('other/conv2'),
  );
  const paths = (name: string): string[] => findRows(summary, name).map(({ path }) => path);

  it('a path before names in nested models, all calls of a layer', () => {
    expect(paths('conv2')).toEqual(['conv2']);
    expect(paths('embed')).toEqual(['embed', 'embed@2']);
    expect(paths('embed/conv1')).toEqual(['embed/conv1', 'embed@2/conv1']);
    expect(paths('embed@2')).toEqual(['embed@2']);
  });

  it('a name wherever it is, and nothing for other words', () => {
    expect(paths('conv1')).toEqual(['embed/conv1', 'embed@2/conv1', 'tail/conv1']);
    expect(paths('conv')).toEqual([]);
    expect(paths('')).toEqual([]);
  });
});

describe('the text of a hover', () => {
  it('names class, shapes, parameters, activation and file', () => {
    const summary = model(
      row('block5_conv2'),
      row('block5_conv3', { inbound: ['block5_conv2'], inboundOutputs: [0] }),
    );
    expect(hover(summary, 'block5_conv3').split(/ {2}\n|\n\n/)).toEqual([
      '**block5\\_conv3** Conv2D',
      'Input: `(None, 14, 14, 512)`',
      'Output: `(None, 14, 14, 512)`',
      'Parameters: 2,359,808, trainable',
      'For one example: 462,422,016 multiply-adds, 401 kB of activation memory',
      'Activation: relu',
      '*cat\\.keras*',
    ]);
  });

  it('tells frozen from partly trainable, and what has no parameters', () => {
    expect(hover(model(row('a', { trainableParams: 0 })), 'a')).toContain('2,359,808, frozen');
    expect(hover(model(row('a', { params: 256, trainableParams: 128 })), 'a')).toContain(
      'Parameters: 256, 128 trainable',
    );
    expect(hover(model(row('a', { params: 0, trainableParams: 0, activation: null })), 'a')).toMatch(
      /Parameters: 0 *\n/,
    );
  });

  it('takes the shape of a model input that is not a row, and the right output of a layer with several', () => {
    const summary = model(
      row('split', {
        outputShapes: [
          [null, 1],
          [null, 7],
        ],
      }),
      row('a', { inbound: ['picture', 'split'], inboundOutputs: [0, 1] }),
    );
    expect(hover(summary, 'a')).toContain('Input: `(None, 224, 224, 3)`, `(None, 7)`');
    expect(hover(summary, 'split')).toContain('Output: `(None, 1)`, `(None, 7)`');
  });

  it('writes a shape of one axis and an unknown one', () => {
    expect(hover(model(row('a', { outputShapes: [[null], null] })), 'a')).toContain('`(None,)`, `unknown`');
  });

  it('says why a layer is unknown, and claims no parameters for it', () => {
    const unknown = row('mine', {
      status: 'unknown',
      outputShapes: [null],
      params: 0,
      trainableParams: 0,
      paramsAreLowerBound: true,
      notice: 'The class Mine is not known to Layerglass.',
      unknownBecause: 'mine',
    });
    const after = row('after', { outputShapes: [null], unknownBecause: 'mine', inbound: ['mine'] });
    expect(hover(model(unknown), 'mine')).toContain('The class Mine is not known to Layerglass\\.');
    expect(hover(model(unknown), 'mine')).toContain('Parameters: unknown');
    expect(hover(model(unknown, after), 'after')).toContain('Unknown because of mine');
  });

  it('shows some inputs of a sum of thousands', () => {
    const parts = Array.from({ length: 20_000 }, (_, i) => `part${i}`);
    const sum = row('sum', { inbound: parts, inboundOutputs: parts.map(() => 0) });
    const started = performance.now();
    const text = hoverMarkdown([sum], model(sum, ...parts.map((path) => row(path))), 'm.keras');
    expect(performance.now() - started).toBeLessThan(20_000);
    expect(text).toContain(' and 19992 more');
    expect(text.length).toBeLessThan(2000);
  });

  it('lists some calls and counts the rest', () => {
    const rows = ['conv', 'conv@2', 'conv@3', 'conv@4', 'conv@5', 'conv@6'].map((path) => row(path));
    const text = hover(model(...rows), 'conv');
    expect(text).toContain('**conv@4**');
    expect(text).not.toContain('conv@5');
    expect(text).toContain('and 2 more layers of this name');
  });

  it('shows hostile names as text', () => {
    const evil = '[x](command:evil) <img src=x> `` $(bug) **b** https://evil.example\n# big';
    const text = hover(model(row('a', { className: evil, activation: evil, notice: evil })), 'a');
    expect(text).not.toMatch(/(?<!\\)[[\]<>`]\w*x/);
    expect(text).not.toMatch(/(?<!\\)\$\(/);
    expect(text).not.toContain('https:');
    expect(text).not.toMatch(/\n#/);
  });
});
