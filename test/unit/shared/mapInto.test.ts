import { expect, test } from 'vitest';
import { mapInto } from '../../../src/shared/mapInto';

test('as `from` of the type, for lists, typed arrays and text', () => {
  expect(mapInto(new Float32Array(3), [1, 2, 3], (x, i) => x / 3 + i)).toEqual(
    new Float32Array([1, 2, 3].map((x, i) => x / 3 + i)),
  );
  expect(mapInto(new Uint8Array(2), Float64Array.of(-1, 300), (x) => x)).toEqual(new Uint8Array([-1, 300]));
  expect(mapInto(new Uint8Array(2), 'ab', (letter) => letter.charCodeAt(0))).toEqual(
    new Uint8Array([97, 98]),
  );
});
