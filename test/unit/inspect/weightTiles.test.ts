import { join } from 'node:path';
import { decode } from 'fast-png';
import { describe, expect, test } from 'vitest';
import { filterTiles } from '../../../src/server/answers/weights/filterTiles';
import { OpenWeights } from '../../../src/server/answers/weights/openWeights';
import {
  weightFilters,
  weightStatistics,
  weightValues,
} from '../../../src/server/answers/weights/weightRequests';
import { NO_CONTROL } from '../../../src/server/run/control';
import { type OpenModel, OpenModels } from '../../../src/server/session/openModels';
import { Failure } from '../../../src/shared/errors';
import { colourTable, NAN_COLOUR } from '../../../src/shared/maps/colourMaps';

const STORED = join(__dirname, '../../fixtures/stored_weights');
const models = new OpenModels({ strict: true });
const open = new OpenWeights();
const model = (name: string): Promise<OpenModel> => models.open(join(STORED, name));

/** Red, green, blue and alpha of one pixel. */
function pixel(tile: { readonly png: string } | undefined, x: number, y: number): number[] {
  const { width, data } = decode(Buffer.from(tile?.png ?? '', 'base64'));
  return [...data.slice((y * width + x) * 4, (y * width + x) * 4 + 4)];
}

/** The colour of a share of the scale, -1 to 1. */
const colour = (share: number): number[] => {
  const row = Math.round((0.5 + share / 2) * 255) * 3;
  return [...colourTable('rdbu').slice(row, row + 3), 255];
};

const all = { from: 0, count: 100, order: 'index', scale: 'own' } as const;

describe('images of filters', () => {
  test('a convolution has its input channels side by side, with gaps in the colour of the page', () => {
    // [rows 2, columns 1, channels 3, filters 2]: value = 10 * row + channel, filter 1 negative.
    const values = Float32Array.from({ length: 12 }, (_, i) => {
      const [row, channel, filter] = [Math.floor(i / 6), Math.floor(i / 2) % 3, i % 2];
      return (10 * row + channel) * (filter === 1 ? -1 : 1);
    });
    const { total, filters } = filterTiles(
      { className: 'Conv2D', name: 'kernel', shape: [2, 1, 3, 2] },
      values,
      all,
    );
    expect(total).toBe(2);
    expect(filters[0]).toMatchObject({ filter: 0, min: 0, max: 12, width: 3, height: 5 });
    // Two slices in the first row, the third in the second.
    expect(pixel(filters[0], 0, 0)).toEqual(colour(0));
    expect(pixel(filters[0], 2, 1)).toEqual(colour(11 / 12));
    expect(pixel(filters[0], 0, 4)).toEqual(colour(12 / 12));
    expect(pixel(filters[1], 2, 1)).toEqual(colour(-11 / 12));
    expect(pixel(filters[0], 1, 0)[3]).toBe(0);
    expect(filters[0]?.norm).toBeCloseTo(Math.sqrt(0 + 1 + 4 + 100 + 121 + 144), 4);
  });

  test('one scale uses the largest value of the weight, its own scale that of the filter', () => {
    const values = Float32Array.from([1, 4, -1, 2]);
    const weight = { className: 'Dense', name: 'kernel', shape: [2, 2] };
    const own = filterTiles(weight, values, all).filters;
    const one = filterTiles(weight, values, { ...all, scale: 'one' }).filters;
    expect(pixel(own[0], 0, 0)).toEqual(colour(1));
    expect(pixel(one[0], 0, 0)).toEqual(colour(0.25));
    expect(pixel(one[1], 0, 0)).toEqual(colour(1));
  });

  test('are sorted by norm with NaN first, and have the colour of NaN', () => {
    const values = Float32Array.from([1, 5, Number.NaN, 3]);
    const weight = { className: 'Dense', name: 'kernel', shape: [1, 4] };
    const order = (sort: 'largest' | 'smallest') =>
      filterTiles(weight, values, { ...all, order: sort }).filters.map(({ filter }) => filter);
    expect(order('largest')).toEqual([2, 1, 3, 0]);
    expect(order('smallest')).toEqual([2, 0, 3, 1]);
    const { filters } = filterTiles(weight, values, all);
    expect(pixel(filters[2], 0, 0)).toEqual([...NAN_COLOUR, 255]);
  });

  test.each([
    ['Dense', [4096, 4], 64, 64],
    ['Conv1D', [5, 7, 4], 7, 5],
    ['Conv3D', [2, 3, 3, 4, 2], 11, 11],
    ['DepthwiseConv2D', [3, 3, 8, 1], 3, 3],
    ['Conv2DTranspose', [2, 2, 3, 4], 5, 5],
    ['Conv2D', [3, 3, 2048, 1], 183, 179],
  ])('%s %j', (className, shape, width, height) => {
    const values = new Float32Array(shape.reduce((a, b) => a * b, 1));
    const [tile] = filterTiles({ className, name: 'kernel', shape }, values, all).filters;
    expect(tile).toMatchObject({ width, height });
  });
});

describe('requests of the layer page', () => {
  test('list the weights of a layer without reading them', async () => {
    const { weights, className } = await open.ofLayer(await model('stored.keras'), 'conv');
    expect(className).toBe('Conv2D');
    expect(weights).toEqual([
      expect.objectContaining({ name: 'kernel', shape: [3, 3, 3, 8], filters: 8 }),
      expect.objectContaining({ name: 'bias', shape: [8], filters: null }),
    ]);
  });

  test.each([
    ['stored.keras', 'scale', 2],
    ['stored.keras', 'pool', 0],
    ['subclassed.weights.h5', 'first', 2],
    ['subclassed.keras', 'second', 2],
  ])('also of %s: %s, which is not computed', async (name, layer, count) => {
    expect((await open.ofLayer(await model(name), layer)).weights).toHaveLength(count);
  });

  test('are answered with the numbers of the file', async () => {
    const stored = await model('stored.keras');
    const found = await weightStatistics(open, stored, { modelId: '', layer: 'conv', weight: 0 }, NO_CONTROL);
    expect(found.filters).toMatchObject({ dead: [2], duplicateCount: 3 });
    const values = await weightValues(open, stored, {
      modelId: '',
      layer: 'norm',
      weight: 3,
      from: 1,
      count: 2,
    });
    expect(values.total).toBe(8);
    expect(values.values).toHaveLength(2);
    expect(values.values[1]).toBeNaN();
    const ask = {
      modelId: '',
      layer: 'conv',
      weight: 0,
      order: 'smallest',
      scale: 'own',
      from: 0,
      count: 3,
    } as const;
    const tiles = await weightFilters(open, stored, ask);
    expect(tiles.filters).toHaveLength(3);
    expect(tiles.filters[0]).toMatchObject({ filter: 2, norm: 0 });
  });

  test('stop between two blocks of values when they are cancelled', async () => {
    const stored = await model('stored.keras');
    const seen: string[] = [];
    const control = {
      isCancelled: () => seen.length > 2,
      report: (_: number, message: string) => seen.push(message),
    };
    const asked = weightStatistics(open, stored, { modelId: '', layer: 'conv', weight: 0 }, control);
    await expect(asked).rejects.toThrow('Cancelled.');
    expect(seen).toEqual(['Reading kernel', 'Statistics of kernel', 'Statistics of kernel']);
  });

  test('name a layer or a weight that does not exist', async () => {
    const stored = await model('stored.keras');
    await expect(open.ofLayer(stored, 'nowhere')).rejects.toThrow('no weights of a layer "nowhere"');
    await expect(open.weight(stored, 'conv', 2)).rejects.toThrow(Failure);
  });
});
