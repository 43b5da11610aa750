import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { resizeImage } from '../../../src/server/inputs/images/resizeImage';
import { RESIZES, type Resize } from '../../../src/shared/sources/resizing';

/** Of real Keras and Pillow: make_resizing.py. */
interface Case {
  readonly size: [number, number, number];
  readonly to: [number, number];
  readonly image: readonly number[];
  readonly expected: Readonly<Record<Resize, readonly number[]>>;
}
const { cases } = JSON.parse(readFileSync(join(__dirname, 'resizing.json'), 'utf8')) as {
  readonly cases: readonly Case[];
};

test.each(
  RESIZES.flatMap((how) => cases.map((one) => [how, one.size.join('x'), one.to.join('x'), one] as const)),
)('%s of %s to %s is that of Keras', (how, _, __, { size, to, image, expected }) => {
  const values = resizeImage(Uint8Array.from(image), size, ...to, how);
  expect(values).toHaveLength(expected[how].length);
  const error = Math.max(...expected[how].map((value, i) => Math.abs(value - (values[i] ?? Number.NaN))));
  // Pillow rounds to bytes, which are exact; Keras's values are rounded to four decimals in the fixture.
  expect(error).toBeLessThanOrEqual(how.startsWith('pil') ? 0 : 255e-5);
});
