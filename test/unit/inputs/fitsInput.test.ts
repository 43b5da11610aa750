import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { writeNpy } from '../../../src/server/inputs/arrays/npy';
import { fitsInput } from '../../../src/server/inputs/fitsInput';

const folder = mkdtempSync(join(tmpdir(), 'layerglass-fits-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const file = (name: string, content: Buffer): string => {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
};
const array = (...shape: number[]): string =>
  file(`${shape.join('x')}.npy`, writeNpy(new Float32Array(shape.reduce((a, b) => a * b, 1)), shape));
const spec = { name: 'x', shape: [null, 4, 4, 3], dtype: 'float32' };

test('an array fits by its shape, with or without a batch; what cannot be told fits', () => {
  expect([array(4, 4, 3), array(5, 4, 4, 3)].map((path) => fitsInput(path, spec))).toEqual([true, true]);
  expect([array(4, 4), array(1, 4, 4, 1), array(100, 5)].map((path) => fitsInput(path, spec))).toEqual([
    false,
    false,
    false,
  ]);
  expect(fitsInput(file('broken.npy', Buffer.from('nothing')), spec)).toBe(true);
  expect(fitsInput(join(folder, 'none.npy'), spec)).toBe(true);
  expect(fitsInput(join(folder, 'cat.png'), spec)).toBe(true);
});
