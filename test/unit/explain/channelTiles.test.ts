import { expect, test } from 'vitest';
import { channelTiles } from '../../../src/server/answers/channelTiles';
import { decodeImage } from '../../../src/server/inputs/images/decodeImage';
import { startBackend } from '../../../src/server/run/backends/backend';
import { chain, traceOf } from '../run/memoryModel';

const identity = { className: 'Activation', config: { name: 'same', activation: 'linear' } };

async function tileOf(height: number, width: number, values: readonly number[]) {
  const runtime = await startBackend({ backend: 'cpu', nativePath: '', strict: true });
  const shape = [height, width, 1];
  const trace = await traceOf(runtime, chain(shape, [identity]), { shape, values });
  const params = { modelId: '', inputs: [], preprocessing: { name: 'none' } } as const;
  const tiles = await channelTiles(
    { trace },
    { ...params, layer: 'same', stage: 'post', from: 0, count: 1, colourMap: 'greys' },
  );
  trace.dispose();
  return tiles;
}

test('of a map with thousands of rows every n-th is drawn, and its range is that of all values', async () => {
  const values = Array.from({ length: 6000 }, (_, i) => i);
  const { width, height, tiles } = await tileOf(3000, 2, values);
  expect([height, width]).toEqual([1000, 2]);
  expect(tiles[0]).toMatchObject({ min: 0, max: 5999 });
  const image = await decodeImage(Buffer.from(tiles[0]?.png ?? '', 'base64'), 'tile.png');
  expect([image.height, image.width]).toEqual([1000, 2]);
});

test('a smaller one is drawn value by value', async () => {
  const { width, height } = await tileOf(3, 1024, new Array<number>(3072).fill(1));
  expect([height, width]).toEqual([3, 1024]);
});
