import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { fixture, layerglass, refusal, sample } from '../cliProcess';

const folder = mkdtempSync(join(tmpdir(), 'layerglass-graph-'));
afterAll(() => rmSync(folder, { recursive: true }));

let count = 0;
/** Draws a model and returns the image. */
async function drawn(model: string, ...options: string[]): Promise<string> {
  count += 1;
  const out = join(folder, `${count}.svg`);
  const { code, stderr, stdout } = await layerglass(['graph', model, '--out', out, ...options]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toContain(out);
  return readFileSync(out, 'utf8');
}

/** The texts that are drawn, without tooltips. */
const texts = (svg: string): string[] =>
  [...svg.matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map(([, text = '']) => text);

describe('graph', () => {
  test('draws names, classes, shapes and parameters, and the shape on each connection', async () => {
    const svg = await drawn(sample('8-segmentation/shapes.keras'));
    const found = texts(svg);
    for (const text of ['down1_1', 'Conv2D · relu', '224 params', 'join1', 'Concatenate'])
      expect(found).toContain(text);
    // Once in its box, and on the connections to join1 and pool1.
    expect(found.filter((text) => text === '48×48×8').length).toBeGreaterThanOrEqual(3);
    expect(svg.match(/marker-end/g)).toHaveLength(20);
    expect(svg).toMatch(/^<svg xmlns="http:\/\/www.w3.org\/2000\/svg"/);
  });

  test('unfolds all, none, or the model at a path', async () => {
    const model = sample('2-triplet/triplet.h5');
    const boxes = (svg: string) => (svg.match(/<title>/g)?.length ?? 0) - 1;
    const none = await drawn(model, '--expand', 'none');
    expect(boxes(none)).toBe(8);
    expect(texts(none)).toContain('Functional · 15 layers · call 2 of 3');
    expect(boxes(await drawn(model, '--expand', 'embedding@2'))).toBe(8 - 1 + 15);
    expect(boxes(await drawn(model, '--expand', 'all'))).toBe(8 + 3 * 14);
    expect(boxes(await drawn(model))).toBe(8 + 3 * 14);
  });

  test('draws a graph of operations with its name scopes as groups', async () => {
    const svg = await drawn(fixture('graph_models/model-attention.json'));
    expect(svg).toContain('multi_head_attention_1');
    expect(texts(svg)).toContain('tf.Softmax · softmax');
  });

  test('names and shapes from the file are text, never markup', async () => {
    const path = join(folder, 'model.json');
    const name = '<script>alert(1)</script>&\\"\\u202e';
    writeFileSync(
      path,
      readFileSync(sample('3-binary/spot/model.json'), 'utf8').replaceAll('"conv2d_1"', `"${name}"`),
    );
    const svg = await drawn(path);
    expect(svg).toContain('&lt;script&gt;');
    expect(svg).not.toMatch(/<script|\u202e/);
  });

  test('refuses a path that names no group, and a graph too large to read', async () => {
    const out = join(folder, 'none.svg');
    const model = sample('2-triplet/triplet.h5');
    expect(await refusal(['graph', model, '--out', out, '--expand', 'anchor'])).toContain(
      'nothing to unfold',
    );
    expect(await refusal(['graph', model, '--out', out, '--expand', 'nowhere'])).toContain('"nowhere"');
    const large = join(folder, 'large.json');
    writeFileSync(large, JSON.stringify(manyLayers(5001)));
    const said = await refusal(['graph', large, '--out', out]);
    expect(said).toContain('5,000');
    expect(existsSync(out)).toBe(false);
  });
});

/** A Sequential model without weights. */
const manyLayers = (layers: number) => ({
  class_name: 'Sequential',
  config: {
    name: 'large',
    layers: Array.from({ length: layers }, (_, i) => ({
      class_name: 'Activation',
      config: { name: `layer_${i}`, activation: 'relu', ...(i === 0 && { batch_input_shape: [null, 4] }) },
    })),
  },
  keras_version: '2.15.0',
});
