import { expect, it } from 'vitest';
import { narrowed } from '../../src/webview/canvas';

it('narrows a strip with the maximum of the map and the mean of the image', () => {
  const heat = new Float32Array(10);
  heat[7] = 1;
  const rgb = Uint8Array.from({ length: 30 }, (_, i) => (Math.floor(i / 3) % 2) * 100);
  const { image, heat: drawn } = narrowed({ width: 10, height: 1, rgb }, heat, 5);
  expect([...drawn]).toEqual([0, 0, 0, 1, 0]);
  expect(image.width).toBe(5);
  expect([...image.rgb]).toEqual(new Array(15).fill(50));
});
