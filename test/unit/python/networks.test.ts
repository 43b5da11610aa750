import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { inferShapes } from '../../../src/server/code/infer';
import { paramsOf } from '../../../src/server/code/keras/call';
import { PYTHON } from '../../../src/server/code/python/language';
import type { Layer, Model } from '../../../src/server/code/values';

const networks = z
  .array(
    z.object({
      call: z.string(),
      name: z.string(),
      outputShape: z.array(z.number().nullable()),
      params: z.number(),
      layers: z.number(),
      digest: z.string(),
    }),
  )
  .parse(JSON.parse(readFileSync(join(__dirname, '../../fixtures/python/networks.json'), 'utf8')));

const shapeText = (layer: Layer | Model): string => {
  const shapes = layer.calls.value[0]?.outputs.map(({ shape }) => shape) ?? [];
  return JSON.stringify(shapes.length === 1 ? shapes[0] : shapes);
};

/** A layer as `make_networks.py` writes it. */
const rowOf = (layer: Layer | Model): string =>
  `${layer.name}|${layer.className}|${shapeText(layer)}|${paramsOf(layer)}`;

function builtBy(text: string) {
  const { layers, problems } = inferShapes(text, PYTHON);
  const [first] = layers;
  if (first?.layer.kind !== 'model') throw new Error('no model was built');
  return { ...first, problems, model: first.layer };
}

describe('networks of keras.applications', () => {
  test.each(networks)('$call is what Keras builds', ({ call, name, outputShape, params, layers, digest }) => {
    const {
      model,
      outputShapes,
      params: found,
      problems,
    } = builtBy(`import keras\nkeras.applications.${call}\n`);
    const rows = model.state.value.layers?.map(rowOf) ?? [];
    expect({ name: model.name, outputShapes, params: found, layers: rows.length, problems }).toEqual({
      name,
      outputShapes: [outputShape],
      params,
      layers,
      problems: [],
    });
    expect(createHash('sha256').update(rows.join('\n')).digest('hex').slice(0, 16)).toBe(digest);
  });
});
